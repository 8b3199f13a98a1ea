"""People for a network built by hand: arrival dates or rates, and their draws.

tape = make_tape(network, [Arrivals("counter", poisson(rate_per_s=8e-6, end=horizon))], seed=1)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cepsim.draws import DRAW_RANGE, stream_key, uniform, words
from cepsim.errors import NetworkError, nearest
from cepsim.laws import CELLS
from cepsim.network.arrays import NO_TABLE, Network
from cepsim.network.layout import rows_by_block
from cepsim.people.tape import PURPOSES, Tape, first_rows, unique_layouts
from cepsim.trace import NEVER, Busy, Ints, Outcome, People, Reason, State, Status

#: Dates of arrival in whole seconds, in order, from the key of a stream.
ArrivalProcess = Callable[[int], Ints]


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Who comes where: dates in seconds (negative: already waiting at 0), or a process that gives them.

    `to` is a station or a choice.
    """

    to: str
    times: Sequence[int] | Ints | ArrivalProcess
    profile: str = "everybody"
    lane: str = "here"
    service_class: int = 0
    alternate: str | None = None


def poisson(rate_per_s: float, end: int, begin: int = 0) -> ArrivalProcess:
    """A Poisson process of constant rate on [begin, end)."""
    return poisson_varying([(begin, rate_per_s)], end)


def poisson_varying(rates: Sequence[tuple[int, float]], end: int) -> ArrivalProcess:
    """A Poisson process of piecewise constant rate: (second from which, rate per second), until `end`.

    A unit process is carried through the inverse of the cumulated rate, so that the same stream with a
    larger rate gives more of the same people sooner.
    """
    seconds = np.array([second for second, _ in rates] + [end], dtype=np.float64)
    values = np.array([rate for _, rate in rates], dtype=np.float64)
    if (np.diff(seconds) <= 0).any() or (values < 0).any() or not np.isfinite(values).all():
        raise NetworkError(
            file="arrivals", field="rates", found=rates, expected="increasing seconds, rates not negative"
        )
    cumulated = np.concatenate([[0.0], np.cumsum(values * np.diff(seconds))])

    def times(key: int) -> Ints:
        total = cumulated[-1]
        wanted = int(total + 10.0 * np.sqrt(total) + 20.0)
        # 53 bits in (0, 1]: the logarithm is finite
        positions = np.cumsum(-np.log(((words(key, wanted) >> np.uint64(11)) + np.uint64(1)) * 2.0**-53))
        if positions[-1] < total:
            raise NetworkError(
                file="arrivals", field="rates", found=total, expected="fewer people than the stream holds"
            )
        positions = positions[positions < total]
        piece = np.searchsorted(cumulated, positions, side="right") - 1
        exact = seconds[piece] + (positions - cumulated[piece]) / values[piece]
        return np.floor(np.round(exact * 1e6) / 1e6).astype(np.int64)

    return times


def make_tape(network: Network, arrivals: Sequence[Arrivals], *, seed: int = 1, replication: int = 0) -> Tape:
    """The tape of these people, in order of (arrival, rank of their process, rank in it)."""
    entries = [_entry(network, group) for group in arrivals]
    alternates = [_number(network.station_names, g.alternate) if g.alternate else -1 for g in arrivals]
    times = [
        np.asarray(
            group.times(stream_key(seed, replication, "arrivals", rank))
            if callable(group.times)
            else group.times,
            dtype=np.int64,
        )
        for rank, group in enumerate(arrivals)
    ]
    group_of = np.repeat(np.arange(len(arrivals)), [len(t) for t in times])
    arrival = np.concatenate([np.zeros(0, dtype=np.int64), *times])
    order = np.argsort(arrival, kind="stable")
    arrival, group_of = arrival[order], group_of[order]

    def column(values: Sequence[int]) -> Ints:
        return np.array(values, dtype=np.int64)[group_of]

    profiles = [_number(network.profile_names, group.profile) for group in arrivals]
    wanted = np.stack(
        [
            rows_by_block(network, profile, _stations(network, entry), alternate)
            for profile, entry, alternate in zip(profiles, entries, alternates, strict=True)
        ]
    )
    group_layout, layout_rows, layout_offset = unique_layouts(wanted)
    layout = group_layout[group_of]
    first_row, row_count = first_rows(layout, layout_rows)
    draws = {purpose: np.zeros(row_count, dtype=np.uint32) for purpose in PURPOSES}
    for block in range(network.block_count):
        for ordinal in range(int(layout_rows[:, block].max(initial=0))):
            has = layout_rows[layout, block] > ordinal
            rows = first_row[has] + layout_offset[layout[has], block] + ordinal
            for purpose in PURPOSES:
                key = stream_key(seed, replication, "by hand", purpose, block, ordinal)
                draws[purpose][rows] = uniform(key, len(arrival))[has]
    return Tape(
        arrival=arrival,
        lane=column([_number(network.lane_names, group.lane) for group in arrivals]),
        entry=column(entries),
        alternate=column(alternates),
        profile=column(profiles),
        service_class=column([group.service_class for group in arrivals]),
        layout=layout,
        first_row=first_row,
        layout_rows=layout_rows,
        layout_offset=layout_offset,
        **draws,
    )


def already_waiting(network: Network, tape: Tape) -> tuple[Tape, State]:
    """The state at 0 in which everybody who arrived before 0 is still waiting at the station of entry.

    Patience is conditional on having lasted until now: the draw is carried to the part of its law
    beyond the age, and the tape returned holds that draw.
    """
    persons = np.flatnonzero(tape.arrival < 0)
    patience = tape.patience.copy()
    columns: dict[str, list[int]] = {name: [] for name in People.__slots__}
    made = np.zeros((len(persons), network.block_count), dtype=np.int64)
    for rank, person in enumerate(persons.tolist()):
        station, profile = int(tape.entry[person]), int(tape.profile[person])
        block = int(network.stations.block[station])
        made[rank, block] = 1
        row = int(tape.first_row[person] + tape.layout_offset[tape.layout[person], block])
        table, joined, leaves = (
            int(network.stations.patience[station, profile]),
            int(tape.arrival[person]),
            NEVER,
        )
        if table != NO_TABLE:
            patience[row] = draw_beyond(network.tables[table], -joined, int(patience[row]))
            leaves = joined + int(_read(network.tables[table], int(patience[row])))
        values = {
            "person": person,
            "status": int(Status.WAITING),
            "queue": int(tape.lane[person]) * network.station_count + station,
            "due": NEVER,
            "reason": int(Reason.FIRST),
            "visit": 0,
            "row": row,
            "joined": joined,
            "leaves": leaves,
            "called": NEVER,
            "ended": NEVER,
            "released": NEVER,
            "outcome": int(Outcome.WAITING),
            "adviser": -1,
            "session": -1,
            "rebooks": 0,
            "retries": 0,
            "repeats": 0,
            "series_left": -1,
            "was_referred": 0,
        }
        for name, value in values.items():
            columns[name].append(value)
    state = State(
        second=0,
        people=People.from_columns(columns),
        visits_made=made,
        busy=Busy.empty(),
        published=np.zeros(network.queue_count, dtype=np.int64),
    )
    return replace(tape, patience=patience), state


def draw_beyond(table: np.ndarray[tuple[int], np.dtype[np.int32]], age_s: int, draw: int) -> int:
    """A draw of the same law, conditional on a duration above `age_s`.

    Raises NetworkError where the law never lasts that long.
    """
    coarse = int(np.searchsorted(table[: CELLS - 1], age_s, side="right"))
    if coarse < CELLS - 1:
        least = coarse << 16
    else:
        least = ((CELLS - 1) << 16) + int(np.searchsorted(table[CELLS:], age_s, side="right"))
    if least >= DRAW_RANGE:
        raise NetworkError(
            file="state", field="joined", found=age_s, expected="an age that patience can reach, in seconds"
        )
    return least + (draw * (DRAW_RANGE - least) >> 32)


def _read(table: np.ndarray[tuple[int], np.dtype[np.int32]], draw: int) -> int:
    from cepsim.laws import cell

    return int(table[cell(draw)])


def _entry(network: Network, group: Arrivals) -> int:
    return _number(network.station_names, group.to)


def _stations(network: Network, entry: int) -> list[int]:
    return [entry]


def _number(names: tuple[str, ...], name: str) -> int:
    if name not in names:
        close = nearest(name, list(names))
        raise NetworkError(
            file="arrivals",
            field="to",
            found=name,
            expected=f"one of {', '.join(names)}",
            remedy=close,
        )
    return names.index(name)
