"""The parts into which a scenario's network falls, as they are computed: what runs with what, after what."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cepsim.cli.outlet import write_json
from cepsim.cli.regions import region_codes
from cepsim.cli.render import Sheet, printer, show
from cepsim.cli.settings import Settings
from cepsim.units import format_number

if TYPE_CHECKING:
    from cepsim.people.shards import Part


def show_shards(settings: Settings, name: str, regions: Sequence[str], *, json: bool) -> None:
    """Print the parts of a scenario in these regions, in an order in which they can be run."""
    from cepsim.people.deploy import deploy
    from cepsim.people.shards import parts_of
    from cepsim.scenario import load_scenario

    tables = settings.tables()
    scenario = load_scenario(name, tables=tables)
    described = described_parts(parts_of(deploy(scenario, tables, region_codes(regions, tables.regions))))
    if json:
        write_json({"scenario": scenario.name, "shards": described}, sys.stdout)
        return
    names = {region.code: f"{region.name} ({region.code})" for region in tables.regions}
    text = settings.text
    columns = ("shard", "why", "queues", "teams", "served", "expected_people", "waits_for")
    show(
        printer(sys.stdout),
        Sheet(
            title=text("shards.title", scenario=scenario.name, count=len(described)),
            note=text("shards.note"),
            columns=tuple(text(f"column.{column}") for column in columns),
            rows=tuple(_row(part, names, settings) for part in described),
        ),
    )


def described_parts(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """What each part is made of, in order.

    Keys: `name`; `why` its queues are run together (see `_why`); `queues`, how many a team serves; `teams`,
    the names of these teams; `shared_teams`, those that serve several regions; `regions`, the codes of those
    it serves; `expected_people`, about how many come between warm-up and end of follow-up; `waits_for`, the
    names of the parts whose people it goes on with.
    """
    from cepsim.people.shards import before

    found = []
    for rank, part in enumerate(parts):
        network, shard = part.deployment.network, part.shard
        team, lane = network.queues.team, np.arange(network.queue_count) // network.station_count
        served = shard.queues & (team >= 0)
        numbers = np.flatnonzero(shard.teams).tolist()
        shared = [number for number in numbers if len(np.unique(lane[served & (team == number)])) > 1]
        found.append(
            {
                "name": part.name,
                "why": _why(part, shares=bool(shared)),
                "queues": int(served.sum()),
                "teams": [network.team_names[number] for number in numbers],
                "shared_teams": [network.team_names[number] for number in shared],
                "regions": [part.deployment.regions[number] for number in shard.lanes],
                "expected_people": round(part.expected_people),
                "waits_for": [parts[number].name for number in before(parts, rank)],
            }
        )
    return found


def _why(part: Part, *, shares: bool) -> str:
    """Why the queues of a part are run together.

    "region": they lie in one, none of their teams works elsewhere, nobody comes back to another part.
    "team": one team serves them in several regions. "way_back": people go from region to region and back.
    """
    if len(part.shard.lanes) == 1:
        return "region"
    return "team" if shares else "way_back"


def _row(part: Mapping[str, Any], names: Mapping[str, str], settings: Settings) -> tuple[str, ...]:
    text, language = settings.text, settings.language
    regions = [names[code] for code in part["regions"]]
    served = (
        regions[0]
        if len(regions) == 1
        else text("shards.regions", count=len(regions), names=", ".join(regions))
    )
    return (
        part["name"],
        text(f"shards.why.{part['why']}"),
        format_number(part["queues"], language),
        format_number(len(part["teams"]), language),
        served,
        format_number(part["expected_people"], language),
        ", ".join(part["waits_for"]) or text("shards.nothing"),
    )
