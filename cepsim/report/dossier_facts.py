"""What the dossier's texts are filled with: facts of a finished run, read where each is decided.

No text of the dossier holds a number or a list of its own: every one is here, by the name of its place in the
labels, and comes from the run, its scenarios, the tables, the network or the program.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from importlib.metadata import PackageNotFoundError, metadata
from importlib.resources import files
from typing import Any, Final

import numpy as np
import pandas as pd
import psutil

from cepsim.draws import DRAW_BITS, GENERATOR
from cepsim.experiment import RecordedRun
from cepsim.experiment.deployments import deployed
from cepsim.experiment.pipeline import warm_up_scenario
from cepsim.experiment.sentence import places
from cepsim.experiment.written import read_manifest
from cepsim.indicators import ENOUGH_REPLICATIONS, FEWEST_REPLICATIONS
from cepsim.labels import Language, label, labels_under
from cepsim.people.crowd import SOURCES, Crowd
from cepsim.people.deployment import NATIONAL, Deployment
from cepsim.people.horizon import Horizon
from cepsim.people.stations import BLOCK_NAMES, EXITS
from cepsim.people.tape import PURPOSES
from cepsim.report.cells import day, period, uncertainty
from cepsim.report.table import Table
from cepsim.scenario import Scenario, diff
from cepsim.scenario.vocabulary import (
    AUTONOMY,
    INTENSITIES,
    OPERATORS,
    POPULATIONS,
    PROJECTS,
    PUBLICS,
    STAGES,
    TEAMS,
)
from cepsim.units import format_number
from cepsim.verify import CASES, NOT_EXPRESSED

#: Columns of the crowd that say where a person is from and who he is, beside his attributes.
_IDENTITY: Final = ("region", "public", "population", "source", "channel", "slab", "rank")
#: Families of laws from which durations are drawn; those of `cepsim.laws` that `cepsim.people` calls.
FAMILIES: Final = ("constant", "exponential", "gamma", "lognormal")
_GIB: Final = 2**30
_DIGEST: Final = 12
_MAIN: Final = "central"
_FRAMES: Final = ("indicators", "costs", "net_costs", "unit_costs", "ledger", "marks")


@dataclass(frozen=True, eq=False)
class Facts:
    """A finished run, the figures that its scenarios use, and what was measured of them.

    `used` is `experiment.provenance.figures_of`; `impacts`, by id of figure, how far it moves the answer, as
    text: empty until a sensitivity analysis fills it. `has_backtest`: the run was held against what happened.
    """

    run: RecordedRun
    used: pd.DataFrame
    language: Language = "fr"
    impacts: Mapping[str, str] = field(default_factory=dict)

    @property
    def main(self) -> Scenario:
        """The scenario whose network is told: `central` where it was run, else the last one."""
        return next((of for of in self.scenarios if of.name == _MAIN), self.scenarios[-1])

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """Those of the run, the reference first."""
        return self.run.plan.scenarios

    @property
    def has_backtest(self) -> bool:
        """Whether the run was held against what was published later."""
        return (self.run.folder / "backtest").is_dir()

    @cached_property
    def deployments(self) -> dict[str, Deployment]:
        """Each scenario compiled in the regions of the run."""
        plan = self.run.plan
        return {of.name: deployed(of, plan.tables, plan.regions) for of in self.scenarios}

    @cached_property
    def addresses(self) -> tuple[str, ...]:
        """Where the program says that it is published."""
        return tuple(_metadata().get("project_url", ()))

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What the run wrote of itself."""
        return read_manifest(self.run.folder)

    @cached_property
    def values(self) -> dict[str, str]:
        """Every fact as text, by the name of its place in the labels."""
        parts = (self._plan, self._scenarios, self._model, self._figures, self._results, self._program)
        return {name: value for part in parts for name, value in part().items()}

    def text(self, key: str, **values: object) -> str:
        """A label of the dossier."""
        return label(f"dossier.{key}", self.language, **values)

    def filled(self, key: str, **more: object) -> str:
        """A label of the dossier, filled with the facts. Raises KeyError for a place that is none of them."""
        return label(f"dossier.{key}", self.language, **self.values, **more)

    def table(self, key: str, names: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Table:
        """A table of the dossier: its title, its note filled with the facts, and columns by name."""
        columns = tuple(self.text(f"column.{name}") for name in names)
        return Table(key, self.text(f"{key}.title"), self.filled(f"{key}.note"), columns, tuple(rows))

    def counted(self, name: str, number: int) -> str:
        """A name and how many there are of it."""
        return self.text("counted", name=name, count=self.count(number))

    def count(self, number: float) -> str:
        """A whole number as the reader writes it."""
        return format_number(number, self.language)

    def listed(self, prefix: str, codes: tuple[str, ...]) -> str:
        """Codes of a vocabulary in words, in its order."""
        return ", ".join(label(f"{prefix}.{code}", self.language) for code in codes)

    def _plan(self) -> dict[str, str]:
        plan, language = self.run.plan, self.language
        calendar = self.scenarios[0].calendar
        horizon = Horizon.of(calendar)
        told = {
            "--region": ",".join(plan.regions),
            "--years": calendar.years,
            "--follow-up": calendar.follow_up_years,
            "--replications": plan.replications,
            "--seed": plan.seed,
            **({"--sample": plan.sample} if plan.sample > 1 else {}),
        }
        words = [*plan.asked, *(f"{name} {value}" for name, value in told.items())]
        return {
            "command": f"cepsim run {' '.join(words)}",
            "seed": str(plan.seed),
            "replications": self.count(plan.replications),
            "sample": self.count(plan.sample),
            "regions": places(plan, language),
            "region_count": self.count(len(plan.regions)),
            "period": period(calendar, language),
            "years": self.count(calendar.years),
            "follow_up": self.count(calendar.follow_up_years),
            "warm_up": self.count(calendar.warm_up_years),
            "launch": day(calendar.launch_date, language),
            "begins": day(horizon.date_of(horizon.begin), language),
            "ends": day(horizon.date_of(horizon.end), language),
            "observed": day(horizon.date_of(horizon.observed), language),
            "warm_up_of": warm_up_scenario(self.main, plan.tables).name,
            "uncertainty": uncertainty(plan.replications, language),
            "fewest": self.count(FEWEST_REPLICATIONS),
            "enough": self.count(ENOUGH_REPLICATIONS),
        }

    def _scenarios(self) -> dict[str, str]:
        reference = self.scenarios[0]
        keys = {key for of in self.scenarios[1:] for key, _, _ in diff(reference, of)}
        return {
            "scenario_count": self.count(len(self.scenarios)),
            "titles": ", ".join(self.title(of) for of in self.scenarios),
            "base": self.title(reference),
            "main": self.title(self.main),
            "differing_keys": self.count(len(keys)),
        }

    def title(self, of: Scenario) -> str:
        """A scenario in the reader's words."""
        return f"« {of.title.fr} »" if self.language == "fr" else f'"{of.title.en}"'

    def _model(self) -> dict[str, str]:
        of = self.deployments[self.main.name]
        network, asking = of.network, self.main.demand.publics_with_base_demand
        attributes = [column.name for column in fields(Crowd) if column.name not in _IDENTITY]
        origins = {source.source for source in of.sources}
        teams = {role: int((of.teams["role"] == role).sum()) for role in TEAMS}
        admitted = {public for wave in self.main.waves for public in wave.publics}
        priorities = np.unique(network.sub_queues.priority)
        commissions = int(network.holds_commissions.sum())
        exits = [name for name in EXITS if name in network.exit_names]
        groups = int((network.queues.holds_sessions == 1).sum()) - commissions
        return {
            "public_count": self.count(len(PUBLICS)),
            "publics": self.listed("public", PUBLICS),
            "asking_count": self.count(len(asking)),
            "admitted_count": self.count(len(admitted)),
            "populations": self.listed("population", POPULATIONS),
            "autonomy": self.listed("person.autonomy", AUTONOMY),
            "attribute_count": self.count(len(attributes)),
            "attributes": ", ".join(attributes),
            "operator_count": self.count(len(OPERATORS)),
            "operators": self.listed("operator", OPERATORS),
            "stage_count": self.count(len(STAGES)),
            "stages": " → ".join(label(f"stage.{stage}", self.language) for stage in STAGES),
            "intensities": self.listed("intensity", INTENSITIES),
            "projects": self.listed("project", PROJECTS),
            "station_count": self.count(network.station_count),
            "queue_count": self.count(network.queue_count),
            "team_count": self.count(network.team_count),
            "teams": ", ".join(
                self.counted(label(f"team.{role}", self.language), number) for role, number in teams.items()
            ),
            "national_teams": self.count(int((of.teams["region"] == NATIONAL).sum())),
            "profile_count": self.count(len(network.profile_names)),
            "law_tables": self.count(len(network.tables)),
            "priority_count": self.count(len(priorities)),
            "commission_count": self.count(commissions),
            "group_count": self.count(groups),
            "choice_count": self.count(len(network.choice_names)),
            "origin_count": self.count(len(of.sources)),
            "origins": self.listed("person.source", tuple(s for s in SOURCES if s in origins)),
            "exit_count": self.count(len(exits)),
            "exits": " ".join(label(f"person.left.{name}", self.language) for name in exits),
            "families": ", ".join(FAMILIES),
            "rules": self.count(_sections("RULES.md")),
        }

    def _figures(self) -> dict[str, str]:
        inputs = self.used[self.used["use"] == "input"]
        tables = inputs.drop_duplicates("id")
        by_confidence = tables["confidence"].value_counts()
        laws = sorted(tables.loc[tables["kind"] == "law", "id"])
        return {
            "figure_count": self.count(len(tables)),
            "check_count": self.count(int((self.used["use"] == "check").sum())),
            **{
                f"{name}_count": self.count(int(by_confidence.get(name, 0)))
                for name in labels_under("confidence", self.language)
            },
            "ranged_count": self.count(int((tables["low"] < tables["high"]).sum())),
            "override_count": self.count(inputs.loc[inputs["scenario"] != "", "id"].nunique()),
            "table_names": ", ".join(f"{name}.csv" for name in dict.fromkeys(tables["table"])),
            "source_count": self.count(tables.loc[tables["source"] != "", "source"].nunique()),
            "law_figures": ", ".join(laws),
            "tables_digest": str(self.manifest["tables_sha256"])[:_DIGEST],
            "measured_count": self.count(len(self.impacts)),
        }

    def _results(self) -> dict[str, str]:
        marks, indicators = self.run.marks, self.run.indicators
        inside = marks["inside"].astype(bool)
        free = marks["set_inputs"] == ""
        return {
            "indicator_count": self.count(indicators["indicator"].nunique()),
            "frames": ", ".join(f"{name}.csv" for name in _FRAMES),
            "mark_count": self.count(len(marks)),
            "marks_inside": self.count(int(inside.sum())),
            "set_count": self.count(int((~free).sum())),
            "free_count": self.count(int(free.sum())),
            "free_inside": self.count(int((inside & free).sum())),
            "realised_count": self.count(len(self.run.plan.tables.ids("cep_realised"))),
            "backtested": label(f"dossier.backtested.{'yes' if self.has_backtest else 'no'}", self.language),
        }

    def _program(self) -> dict[str, str]:
        manifest, about = self.manifest, _metadata()
        limits, partly = _limits()
        packages = manifest["packages"]
        return {
            "version": str(manifest["cepsim"]),
            "engine": str(manifest["engine"]),
            "python": str(manifest["python"]),
            "packages": ", ".join(f"{name} {version}" for name, version in packages.items()),
            "machine": f"{platform.system()} {platform.release()}, {platform.machine()}",
            "cores": self.count(psutil.cpu_count() or 0),
            "memory": self.count(round(psutil.virtual_memory().total / _GIB)),
            "generator": GENERATOR,
            "draw_bits": str(DRAW_BITS),
            "visit_draws": ", ".join(PURPOSES),
            "draw_blocks": ", ".join(BLOCK_NAMES),
            "person_draws": self.count(len(labels_under("dossier.draw", self.language))),
            "license": str(about.get("license_expression", "?")),
            "address": ", ".join(self.addresses) or label("dossier.no_address", self.language),
            "requires": str(about.get("requires_python", "?")),
            "case_count": self.count(len(CASES)),
            "not_expressed_count": self.count(len(NOT_EXPRESSED)),
            "limit_count": self.count(limits),
            "partly_count": self.count(partly),
        }


def _metadata() -> dict[str, Any]:
    """What the installed package says of itself; nothing where it is not installed."""
    try:
        return dict(metadata("cepsim").json)
    except PackageNotFoundError:
        return {}


def _document(name: str) -> str:
    return files("cepsim").joinpath(name).read_text(encoding="utf-8")


def _sections(name: str) -> int:
    """How many sections a document of the package has."""
    return sum(line.startswith("## ") for line in _document(name).splitlines())


def _limits() -> tuple[int, int]:
    """How many things are not there yet, and how many points of the seed are partly there."""
    shown, missing = _document("SEED.md").split("## Not there yet")
    limits = sum(line.startswith("- ") for line in missing.splitlines())
    return limits, shown.count("| partly: ")
