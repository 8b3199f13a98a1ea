"""The model of a run in its dossier: scenarios and their logic, how people flow, and what chance decides."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from cepsim.labels import label, labels_under
from cepsim.network.arrays import CHOICE_BASE, NO_TABLE, Network, exit_destination
from cepsim.people.deployment import Deployment
from cepsim.people.tape import PURPOSES
from cepsim.report.dossier_facts import Facts
from cepsim.report.table import Table
from cepsim.scenario import diff

#: What becomes of a visit, as the routes of a station tell it.
ROUTES: Final = ("served", "lost", "no_show")
#: Stages at which people come in.
_ENTRIES: Final = ("information", "accueil")


def scenarios(facts: Facts) -> Table:
    """Each scenario of the run: its question, and the size of what it compiles to."""
    rows = []
    for of in facts.scenarios:
        deployment = facts.deployments[of.name]
        network = deployment.network
        numbers = (
            len({public for wave in of.waves for public in wave.publics}),
            len(deployment.sources),
            network.station_count,
            network.queue_count,
            network.team_count,
        )
        rows.append(
            (
                of.name,
                getattr(of.title, facts.language),
                getattr(of.debate, facts.language),
                of.extends or "–",
                *map(facts.count, numbers),
            )
        )
    names = ("scenario", "title", "question", "extends", "publics", "origins", "stations", "queues", "teams")
    return facts.table("scenarios", names, rows)


def scenario_logic(facts: Facts) -> Table:
    """Each key by which a scenario differs from the reference, with both values."""
    base, *others = facts.scenarios
    rows = [
        (of.name, key, _told(facts, before), _told(facts, after))
        for of in others
        for key, before, after in diff(base, of)
    ]
    return facts.table("scenario_logic", ("scenario", "key", "base", "value"), rows)


def _told(facts: Facts, value: Any) -> str:
    """A value of a scenario as its file writes it, nearly; a figure left to the tables."""
    if value is None:
        return facts.text("left_to_tables")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def flow(facts: Facts) -> Table:
    """Where people go from each station of the main scenario, by what became of them there."""
    of = facts.deployments[facts.main.name]
    stages = dict(zip(map(_short, of.network.station_names), of.stations["stage"], strict=True))
    rows = [
        (
            station,
            label(f"stage.{stages[station]}", facts.language),
            *(", ".join(_where(facts, name) for name in ways[route]) or "–" for route in ROUTES),
        )
        for station, ways in leads_to(of).items()
    ]
    return facts.table("flow", ("station", "stage", *ROUTES), rows)


def diagram(facts: Facts) -> str:
    """The same as a Mermaid flowchart: an arrow from a station to each that follows a visit held there."""
    of = facts.deployments[facts.main.name]
    ways = leads_to(of)
    arrows = [f"  {one} --> {other}" for one, to in ways.items() for other in to["served"] if other in ways]
    return "\n".join(["flowchart LR", *arrows]) + "\n"


def leads_to(of: Deployment) -> dict[str, dict[str, tuple[str, ...]]]:
    """By station, without its operator: where each of `ROUTES` leads; a station, or an exit of the network.

    Only what somebody may take, from the stages where people come in.
    """
    network = of.network
    found: dict[str, dict[str, dict[str, None]]] = {}
    for number, name in enumerate(network.station_names):
        ways = found.setdefault(_short(name), {route: {} for route in ROUTES})
        for route in ROUTES:
            if _happens(network, number, route):
                ways[route] |= dict.fromkeys(_destinations(network, number, route))
    entries = [_short(network.station_names[n]) for n in np.flatnonzero(of.stations["stage"].isin(_ENTRIES))]
    reached, ahead = set(entries), list(entries)
    while ahead:
        for to in (name for ways in found[ahead.pop()].values() for name in ways):
            if to in found and to not in reached:
                reached.add(to)
                ahead.append(to)
    return {
        name: {route: tuple(to) for route, to in ways.items()}
        for name, ways in found.items()
        if name in reached
    }


def _happens(network: Network, station: int, route: str) -> bool:
    """Whether a visit to a station may end so: somebody is received, is lost, or does not come."""
    of = network.stations
    if route == "no_show":
        return bool((of.no_show[station] > 0).any())
    if route == "lost":
        decides = network.holds_commissions[station :: network.station_count]
        leaves = (of.patience[station] != NO_TABLE) | (of.lost_when_closed[station] == 1)
        return bool(leaves.any() or decides.any())
    return True


def _destinations(network: Network, station: int, route: str) -> Iterator[str]:
    """Names of what the branches of a route lead to, for any profile, each branch that a draw may take."""
    branches, choices = network.branches, network.choices
    for at in np.unique(getattr(network.stations, f"route_{route}")[station]).tolist():
        passed = 0
        for branch in range(branches.start[at], branches.start[at + 1]):
            if branches.threshold[branch] > passed:
                to = int(branches.to[branch])
                if to < 0:
                    yield network.exit_names[exit_destination(to)]
                elif to < CHOICE_BASE:
                    yield _short(network.station_names[to])
                else:
                    first, last = choices.start[to - CHOICE_BASE], choices.start[to - CHOICE_BASE + 1]
                    yield from (
                        _short(network.station_names[n]) for n in choices.station[first:last].tolist()
                    )
            passed = int(branches.threshold[branch])


def _short(station: str) -> str:
    """The name of a station without its operator's."""
    return station.rpartition(".")[2]


def _where(facts: Facts, name: str) -> str:
    """A station by its name, an exit in words."""
    words = labels_under("person.outcome", facts.language) | labels_under("person.left", facts.language)
    return words.get(name, name)


def draws(facts: Facts) -> Table:
    """Each draw by its name: what it decides, and what it is keyed by."""
    language = facts.language
    rows = [
        (name, told, facts.text("keyed.person"))
        for name, told in labels_under("dossier.draw", language).items()
    ]
    rows += [(name, facts.text(f"visit_draw.{name}"), facts.text("keyed.visit")) for name in PURPOSES]
    return facts.table("draws", ("draw", "decides", "keyed"), rows)
