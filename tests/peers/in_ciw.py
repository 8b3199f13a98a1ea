"""The same people through Ciw: dates, durations and ways that the tape gives, nothing drawn there.

Where both simulators may be compared no second has two events, since they part on what comes first: Ciw draws
lots, cepsim has its order within a second (`cepsim/RULES.md`). `no_second_twice` says whether that is so.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import ciw
import numpy as np

from cepsim.engine import compiled_engine, simpy_engine
from cepsim.laws import cell
from cepsim.network import Network
from cepsim.network.arrays import NO_TABLE
from cepsim.people.tape import PURPOSES, Tape
from cepsim.trace import NEVER, Outcome, Trace

ENGINES = (simpy_engine, compiled_engine)
#: By then everybody has left.
END = 2**31 - 1


class Visit(NamedTuple):
    """A visit, as both simulators have it; `called` is None for who was not."""

    person: int
    station: int
    joined: int
    called: int | None
    ended: int
    outcome: str


def of_engines(network: Network, tape: Tape) -> tuple[list[Visit], Trace]:
    """The visits of both engines, in order of person and date: the same, or the test fails."""
    traces = [engine.run(network, tape, None, 0, END)[0] for engine in ENGINES]
    first, second = (_visits(trace) for trace in traces)
    assert first == second
    return first, traces[0]


def _visits(trace: Trace) -> list[Visit]:
    v = trace.visits
    columns = (v.person, v.queue, v.joined, v.called, v.ended, v.outcome)
    return sorted(
        Visit(person, queue, joined, None if called == NEVER else called, ended, Outcome(how).name)
        for person, queue, joined, called, ended, how in zip(*(c.tolist() for c in columns), strict=True)
    )


def no_second_twice(visits: Sequence[Visit]) -> bool:
    """Whether nobody arrives, ends a visit or leaves on the second of somebody else's event."""
    arrivals = {visit.person: visit.joined for visit in reversed(visits)}
    ends = [visit.ended for visit in visits if visit.outcome != "FULL"]
    seconds = [*arrivals.values(), *ends]
    return len(set(seconds)) == len(seconds)


@dataclass(frozen=True)
class Seconds:
    """What the tape's draws come to: seconds of a purpose, for a visit of a person to a station."""

    network: Network
    tape: Tape

    def of(self, purpose: str, person: int, station: int, ordinal: int) -> float:
        stations = self.network.stations
        profile = int(self.tape.profile[person])
        table = int(getattr(stations, purpose)[station, profile])
        if table == NO_TABLE:
            return float("inf")
        one = [np.array([value]) for value in (person, int(stations.block[station]), ordinal)]
        draw = int(self.tape.draws_of(*one)[0, PURPOSES.index(purpose)])
        return float(self.network.tables[table][cell(draw)])


class _Given(ciw.dists.Distribution):
    """The seconds of each person: Ciw numbers people from 1 in order of arrival, as the tape does from 0."""

    def __init__(self, seconds: Seconds, purpose: str, station: int) -> None:
        super().__init__()
        self.seconds, self.purpose, self.station = seconds, purpose, station

    def __deepcopy__(self, memo: object) -> "_Given":
        return self

    def sample(self, t: float | None = None, ind: ciw.Individual | None = None) -> float:  # noqa: ARG002
        before = Counter(record.node for record in ind.data_records)[self.station + 1]
        return self.seconds.of(self.purpose, ind.id_number - 1, self.station, before)


def of_ciw(
    network: Network,
    tape: Tape,
    servers: Sequence[int | ciw.Schedule],
    *,
    way: Callable[[int], Sequence[int]] | None = None,
    priority: Sequence[int] = (0,),
    room: int | None = None,
    session_s: int | None = None,
    end: int = END,
) -> list[Visit]:
    """The visits in Ciw, in the same order.

    A station is a node with `servers`. `way` gives the stations that a person goes to if nothing stops him;
    without it everybody goes to the one that holds the fewest people, the first among equals. `priority` is a
    number a service class, least first, counted from 0 without a gap. `room` is that of the first station,
    those in service included (one station then). `session_s` is what a session lasts, where there are some,
    and `end` a second by which all have left.
    """
    stations, seconds = range(len(servers)), Seconds(network, tape)
    names = [f"class {number}" for number in range(len(priority))]
    ways = [list(way(person)) for person in range(tape.person_count)] if way else []
    # who has a choice comes in through a node where nobody stays
    entry = np.array([one[0] for one in ways] if way else [len(servers)] * tape.person_count)
    door = [] if way else [float("inf")]
    leave = ciw.routing.Leave()

    def arrivals(node: int, number: int) -> ciw.dists.Distribution | None:
        dates = tape.arrival[(entry == node) & (tape.service_class == number)]
        if not len(dates):
            return None
        # what follows the last one would begin the sequence anew
        return ciw.dists.Sequential([*np.diff(dates, prepend=0).tolist(), float("inf")])

    def services(station: int) -> ciw.dists.Distribution:
        if session_s is not None:
            return ciw.dists.Deterministic(session_s)
        return _Given(seconds, "service", station)

    def routing() -> ciw.routing.NetworkRouting:
        if way:
            return ciw.routing.ProcessBased(lambda one, _: [to + 1 for to in ways[one.id_number - 1][1:]])
        fewest = ciw.routing.LoadBalancing([station + 1 for station in stations], tie_break="order")
        return ciw.routing.NetworkRouting([*(leave for _ in stations), fewest])

    capacities = [room - int(servers[0])] if room is not None else [float("inf")] * len([*servers, *door])
    described = ciw.create_network(
        arrival_distributions={
            name: [arrivals(node, rank) for node in range(len(servers) + len(door))]
            for rank, name in enumerate(names)
        },
        service_distributions={
            name: [*map(services, stations), *(ciw.dists.Deterministic(0) for _ in door)] for name in names
        },
        reneging_time_distributions={
            name: [*(_Given(seconds, "patience", n) for n in stations), *(None for _ in door)]
            for name in names
        },
        routing={name: routing() for name in names},
        priority_classes=dict(zip(names, priority, strict=True)),
        number_of_servers=[*servers, *door],
        queue_capacities=capacities,
    )
    simulation = ciw.Simulation(described)
    simulation.simulate_until_max_time(end)
    return sorted(_visit(record) for record in simulation.get_all_records() if record.node <= len(servers))


_OUTCOMES = {"service": "SERVED", "renege": "GAVE_UP", "rejection": "FULL"}


def _visit(record: ciw.data_record.DataRecord) -> Visit:
    served = record.record_type == "service"
    return Visit(
        person=record.id_number - 1,
        station=record.node - 1,
        joined=int(record.arrival_date),
        called=int(record.service_start_date) if served else None,
        ended=int(record.exit_date),
        outcome=_OUTCOMES[record.record_type],
    )
