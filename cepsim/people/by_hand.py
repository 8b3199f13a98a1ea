"""People for a network built by hand: arrival dates or rates, and their draws.

    tape = make_tape(network, [Arrivals("counter", poisson(rate_per_s=8e-6, end=horizon))], seed=1)

People already there when the run begins arrive before second 0; `already_waiting` gives their state.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cepsim.draws import DRAW_RANGE, stream_key, stream_words, words
from cepsim.errors import NetworkError, nearest
from cepsim.laws import CELLS, NO_SERIES, cell, planned_series
from cepsim.network.arrays import CHOICE_BASE, NO_TABLE, Network
from cepsim.network.layout import rows_by_block
from cepsim.people.tape import PURPOSES, Tape, unique_layouts
from cepsim.state import Busy, Carried, People, State
from cepsim.trace import NEVER, Ints, Outcome, Reason, Shorts, Status

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
        whole: Ints = np.floor(np.round(exact * 1e6) / 1e6).astype(np.int64)
        return whole

    return times


def make_tape(network: Network, arrivals: Sequence[Arrivals], *, seed: int = 1, replication: int = 0) -> Tape:
    """The tape of these people, in order of (arrival, rank of their process, rank in it)."""
    if not arrivals:
        raise NetworkError(file="arrivals", found="nobody", expected="at least one group of people")
    entries = [_entry(network, group.to) for group in arrivals]
    alternates = [
        -1 if group.alternate is None else _number(network.station_names, "alternate", group.alternate)
        for group in arrivals
    ]
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

    def column(values: Sequence[int]) -> Shorts:
        return np.array(values, dtype=np.int32)[group_of]

    profiles = [_number(network.profile_names, "profile", group.profile) for group in arrivals]
    # the same for all who come in alike, whatever their lane: of a thousand lanes, once
    ways = list(zip(profiles, entries, alternates, strict=True))
    rows_of = {
        way: rows_by_block(network, way[0], _candidates(network, way[1]), way[2])
        for way in dict.fromkeys(ways)
    }
    wanted = np.stack([rows_of[way] for way in ways])
    group_layout, layout_rows = unique_layouts(wanted)
    keys = [stream_words(seed, replication, "by hand", rank) for rank in range(len(arrivals))]
    # the rank of each in his own group: adding a group moves nobody else's luck
    rank_in_group = np.concatenate([np.zeros(0, dtype=np.int64), *(np.arange(len(t)) for t in times)])
    return Tape(
        arrival=arrival,
        lane=column([_number(network.lane_names, "lane", group.lane) for group in arrivals]),
        entry=column(entries),
        alternate=column(alternates),
        profile=column(profiles),
        service_class=column([_service_class(network, group.service_class) for group in arrivals]),
        layout=group_layout[group_of],
        stream=group_of.astype(np.int32),
        rank=rank_in_group[order].astype(np.int32),
        layout_rows=layout_rows,
        keys=np.array(keys, dtype=np.uint64),
        blocks=np.arange(network.block_count, dtype=np.uint64),
    )


def already_waiting(network: Network, tape: Tape) -> State:
    """The state at 0 in which everybody who arrived before 0 is still waiting at the station of entry.

    Patience is conditional on having lasted until now: the draw is carried to the part of its law
    beyond the age. Raises NetworkError where nobody can wait.
    """
    persons = np.flatnonzero(tape.arrival < 0)
    entry, profile, lane = (
        column[persons].astype(np.int64) for column in (tape.entry, tape.profile, tape.lane)
    )
    joined, queue = tape.arrival[persons], lane * network.station_count + entry
    _refuse_no_queue(network, entry, queue)
    block = network.stations.block[entry]
    draws = tape.draws_of(persons, block, np.zeros_like(persons))
    patience, plan = (draws[:, PURPOSES.index(purpose)] for purpose in ("patience", "plan"))
    leaves = np.full(len(persons), NEVER, dtype=np.int64)
    for rank, table in enumerate(network.stations.patience[entry, profile].tolist()):
        if table != NO_TABLE:
            law = network.tables[table]
            beyond = draw_beyond(law, -int(joined[rank]), int(patience[rank]))
            leaves[rank] = joined[rank] + int(law[cell(beyond)])
    made = np.zeros((len(persons), network.block_count), dtype=np.int64)
    made[np.arange(len(persons)), block] = 1

    def each(value: int) -> Ints:
        return np.full(len(persons), value, dtype=np.int64)

    return State(
        second=0,
        people=People(
            person=persons.astype(np.int64),
            status=each(Status.WAITING),
            queue=queue,
            due=each(NEVER),
            reason=each(Reason.FIRST),
            visit=each(0),
            joined=joined,
            leaves=leaves,
            called=each(NEVER),
            ended=each(NEVER),
            released=each(NEVER),
            outcome=each(Outcome.WAITING),
            adviser=each(-1),
            session=each(-1),
            rebooks=each(0),
            retries=each(0),
            repeats=each(0),
            series_left=_series_left(network, entry, profile, tape.alternate[persons], plan),
            was_referred=each(0),
            referent=each(-1),
            referent_team=each(-1),
        ),
        visits_made=made,
        busy=Busy.empty(),
        carried=Carried.none(network.queue_count),
    )


def _refuse_no_queue(network: Network, entry: Ints, queue: Ints) -> None:
    if (entry >= CHOICE_BASE).any():
        found, expected = "somebody who has yet to choose a queue", "people who wait at a station"
    elif (network.queues.team[queue] < 0).any():
        name = network.queue_name(int(queue[network.queues.team[queue] < 0][0]))
        found, expected = f"somebody waiting at {name}", "a place that has a team"
    else:
        return
    raise NetworkError(file="state", field="already waiting", found=found, expected=expected)


def _series_left(
    network: Network, entry: Ints, profile: Ints, alternate: Shorts, plan: NDArray[np.uint32]
) -> Ints:
    """Interviews still due after the one waited for, as `People.series_left` has them."""
    s = network.stations
    sent = np.where((alternate >= 0) & (alternate != entry), s.refer[entry, profile], 0)
    columns = (s.series_mean[entry, profile], s.series_max[entry], sent, plan)
    return np.array(
        [
            planned_series(mean, limit, refer, draw) if mean else NO_SERIES
            for mean, limit, refer, draw in zip(*(column.tolist() for column in columns), strict=True)
        ],
        dtype=np.int64,
    )


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


def _entry(network: Network, name: str) -> int:
    """The number of the station or choice where a group comes in."""
    rank = _number([*network.station_names, *network.choice_names], "to", name)
    return rank if rank < network.station_count else CHOICE_BASE + rank - network.station_count


def _candidates(network: Network, entry: int) -> list[int]:
    """The stations where somebody who comes in there may join a queue."""
    if entry < CHOICE_BASE:
        return [entry]
    first, last = network.choices.start[entry - CHOICE_BASE : entry - CHOICE_BASE + 2]
    return [int(station) for station in network.choices.station[first:last]]


def _service_class(network: Network, number: int) -> int:
    classes = network.queues.sub_queue.shape[1]
    if not 0 <= number < classes:
        expected = f"one of the {classes} service classes, counted from 0"
        raise NetworkError(file="arrivals", field="service_class", found=number, expected=expected)
    return number


def _number(names: Sequence[str], field: str, name: str) -> int:
    if name not in names:
        raise NetworkError(
            file="arrivals",
            field=field,
            found=name,
            expected=f"one of {', '.join(names)}",
            remedy=nearest(name, names),
        )
    return names.index(name)
