"""What is to be run, checked before anything starts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Final

import pandas as pd

from cepsim.costing import index_of
from cepsim.costing.price_year import PRICE_YEAR
from cepsim.engine import ENGINES, EngineName
from cepsim.errors import UsageError
from cepsim.experiment.deployments import deployed
from cepsim.experiment.pipeline import REFERENCE
from cepsim.people.deploy import regions_of
from cepsim.people.horizon import Horizon
from cepsim.people.loads import offered_loads
from cepsim.people.population_tape import draw_entrants
from cepsim.scenario import Scenario, canonical, load_scenario, to_toml
from cepsim.tables import Tables, load_tables

_FEWEST_BRANCHES: Final = 2
#: More would take longer than anybody waits, to be a little more precise.
MOST_REPLICATIONS: Final = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Scenarios to run on the same people, in some regions.

    `scenarios` begins with `reference`, the base of every net cost, whether it was asked for or not;
    `asked` are the names that were. One person in `sample` is simulated. `keeps_outcomes` are those of which
    the store keeps what became of each person. Those asked for beside `reference` are the same before
    `branch_date`, where there is one.
    """

    scenarios: tuple[Scenario, ...]
    asked: tuple[str, ...]
    regions: tuple[str, ...]
    replications: int
    seed: int
    tables: Tables
    engine: EngineName = ENGINES[0]
    sample: int = 1
    keeps_outcomes: tuple[str, ...] = ()
    branch_date: date | None = None

    @property
    def branches(self) -> tuple[str, ...]:
        """Scenarios that have their past in common until the branch, the trunk first; none without one."""
        return tuple(name for name in self.asked if name != REFERENCE) if self.branch_date else ()

    @property
    def name(self) -> str:
        """Name of the folder where results go by default: another for whatever gives other results.

        It ends with a digest of the scenarios as resolved, the regions and the tables. The engine is not in
        it, since all give the same results.
        """
        return self.named(f"r{self.replications}")

    def named(self, replications: str, *more: str) -> str:
        """The same, told how many replications there are, and what else tells the content of the folder."""
        places = "-".join(self.regions) if len(self.regions) <= 3 else f"{len(self.regions)}-regions"
        years = self.scenarios[0].calendar.years
        content = "\n".join([*map(canonical, self.scenarios), *self.regions, self.tables.digest, *more])
        digest = hashlib.blake2b(content.encode(), digest_size=4).hexdigest()
        part = f"_1-in-{self.sample}" if self.sample > 1 else ""
        return f"{'_'.join(self.asked)}_{places}_y{years}_s{self.seed}_{replications}{part}_{digest}"

    def manifest(self, scenarios: Sequence[Scenario] | None = None) -> dict[str, object]:
        """All that determines its results, for whoever wants them again; of other `scenarios`, if given."""
        return {
            "engine": self.engine,
            "seed": self.seed,
            "replications": self.replications,
            **({"sample": self.sample} if self.sample > 1 else {}),
            "regions": list(self.regions),
            "tables_sha256": self.tables.digest,
            "scenarios": {
                of.name: {"canonical": json.loads(canonical(of)), "toml": to_toml(of)}
                for of in (self.scenarios if scenarios is None else scenarios)
            },
        }

    def place(self, scenario: str = "", region: str = "") -> tuple[Scenario, str]:
        """One of its scenarios and one of its regions: the last, and the first, where none is named.

        Raises UsageError for what it has not.
        """
        known = {of.name: of for of in self.scenarios}
        for found, names in ((scenario, list(known)), (region, list(self.regions))):
            if found and found not in names:
                raise UsageError(f'the run has no "{found}": it has {", ".join(names)}')
        return known[scenario] if scenario else self.scenarios[-1], region or self.regions[0]

    def loads(self) -> pd.DataFrame:
        """Offered load of every team by year, from the people of replication 0; see `people.loads`."""
        return _loads(self).copy()


@lru_cache(maxsize=2)
def _loads(planned: Plan) -> pd.DataFrame:
    """The loads of a plan, which are shown before a run and told again after it: a minute for a country."""
    frames = []
    for scenario in planned.scenarios:
        deployment = deployed(scenario, planned.tables, planned.regions)
        drawn = deployed(scenario, planned.tables, planned.regions, planned.sample)
        groups = (
            draw_entrants(drawn, seed=planned.seed, replication=0, regions=[lane])
            for lane in range(len(planned.regions))
        )
        frame = offered_loads(deployment, groups, sample=planned.sample)
        frame.insert(0, "scenario", scenario.name)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def plan(
    scenarios: Sequence[str | Path | Scenario],
    *,
    regions: Sequence[str],
    replications: int = 5,
    seed: int = 1,
    years: int | None = None,
    follow_up_years: int | None = None,
    tables: Tables | None = None,
    engine: EngineName = ENGINES[0],
    sample: int = 1,
    branch_date: date | None = None,
) -> Plan:
    """Check everything that a run needs and put it together.

    With a `branch_date`, the scenarios beside `reference` are the same before it: what they do until then is
    simulated once, and a run of others is refused.

    Raises ScenarioError, TableError, RegionError or UsageError, before anything is written or run.
    """
    tables = tables if tables is not None else load_tables()
    if not 1 <= replications <= MOST_REPLICATIONS:
        raise UsageError(f"replications: found {replications}, expected 1 to {MOST_REPLICATIONS}")
    if sample < 1:
        raise UsageError(f"sample: found {sample}, expected 1 or more")
    if not scenarios or not regions:
        raise UsageError("found no scenario or no region, expected at least one of each")
    codes = tuple(region.code for region in regions_of(tables, regions))
    loaded = [s if isinstance(s, Scenario) else load_scenario(s, tables=tables) for s in scenarios]
    asked = tuple(scenario.name for scenario in loaded)
    if len(set(asked)) < len(asked):
        raise UsageError(f"scenarios: found {', '.join(asked)}, expected different names")
    others = [scenario for scenario in loaded if scenario.name != REFERENCE]
    base = [scenario for scenario in loaded if scenario.name == REFERENCE]
    calendar = others[0].calendar.model_dump() if others else {}
    year = others[0].costs.price_year if others else PRICE_YEAR
    if not base:
        reference = load_scenario(REFERENCE, tables=tables)
        euros = {"costs.price_year": year} if year != PRICE_YEAR else {}
        base = [reference.derive({"calendar": calendar, **euros}, name=REFERENCE, tables=tables)]
    changes = {
        f"calendar.{key}": value
        for key, value in (("years", years), ("follow_up_years", follow_up_years))
        if value is not None
    }
    everything = [
        scenario.derive(changes, name=scenario.name, tables=tables) if changes else scenario
        for scenario in (*base, *others)
    ]
    last = everything[-1]
    for scenario in everything:
        if _span(scenario) != _span(last):
            # a net cost takes away the same years of `reference`
            raise UsageError(
                f"{scenario.name} and {last.name} have different calendars, expected the same years"
            )
        if _euros(scenario, tables) != _euros(last, tables):
            raise UsageError(
                f"{scenario.name} and {last.name} state amounts in different euros, expected one year of "
                "prices and one growth of prices"
            )
    if branch_date is not None:
        _check_branch(branch_date, last, len(asked) - len([name for name in asked if name == REFERENCE]))
    return Plan(
        tuple(everything),
        asked,
        codes,
        replications,
        seed,
        tables,
        engine,
        sample,
        branch_date=branch_date,
    )


def _check_branch(when: date, scenario: Scenario, branches: int) -> None:
    """Raise UsageError unless the branch is in the years observed and two scenarios or more have it."""
    calendar = scenario.calendar
    horizon = Horizon.of(calendar)
    last = horizon.date_of(horizon.observed)
    if not calendar.launch_date < when < last:
        raise UsageError(
            f"branch: found {when}, expected a day after {calendar.launch_date} and before {last}"
        )
    if branches < _FEWEST_BRANCHES:
        raise UsageError(f"branch: found {branches} scenario beside {REFERENCE}, expected two or more")


def _euros(scenario: Scenario, tables: Tables) -> tuple[int, Fraction]:
    """Year of prices, and how many of its euros are worth one of the tables."""
    own = tables.with_overrides(scenario.figures, file=scenario.name) if scenario.figures else tables
    return scenario.costs.price_year, index_of(scenario, own)


def _span(scenario: Scenario) -> tuple[date, int]:
    """Launch date and years counted."""
    return scenario.calendar.launch_date, scenario.calendar.years
