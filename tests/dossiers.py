"""A run as the dossier reads it, without any simulation: its folder, and figures said to be read."""

import json
from collections.abc import Sequence

import pandas as pd
from deployments import tables

import cepsim
from cepsim.experiment import RecordedRun, plan
from cepsim.experiment.provenance import ReadTables, _used
from cepsim.experiment.recorded import _COLUMNS, _NUMBERS
from cepsim.experiment.written import write_folder
from cepsim.report.dossier_facts import Facts
from cepsim.scenario import to_toml

READ = (
    "demand.all.cep.induced_demand_at_full_awareness",
    "operators.opacif.advisers_fte",
    "calendar.law_interviews.lognormal",
    "calendar.law_gaps_and_elapsed.gamma",
    "publics.stock.salaries_cdi.persons",
    "stages.accueil.share_on_working_time.all.all.all.all",
    "stages.accueil.duration_distinct.demandeurs_emploi.all.all.all",
)


def frames() -> dict[str, pd.DataFrame]:
    """Two marks, one met on which an input was set, one missed and free; an indicator."""
    marks = pd.DataFrame(
        [
            ("reference", "a", "persons", 1.0, 3.0, 2.0, True, "etp"),
            ("reference", "b", "eur", 1.0, 3.0, 9.0, False, ""),
        ],
        columns=_COLUMNS["marks"],
    )
    row = {of: 1.0 if of in _NUMBERS else "all" for of in _COLUMNS["indicators"]}
    indicators = pd.DataFrame([row | {"scenario": "reference", "indicator": "received"}])
    return {"marks": marks, "indicators": indicators}


def noted(read) -> ReadTables:
    """Tables of which `READ` was read."""
    noting = ReadTables.of(read)
    for id_ in READ:
        noting.readers[id_].add("people.somewhere")
    return noting


def written_run(folder, scenarios: Sequence = ("central",), **options):
    """The folder that a run of Corse for a year would have written, as far as the dossier reads it."""
    asked = {"regions": ["94"], "replications": 1, "years": 1, "follow_up_years": 0, "seed": 7} | options
    planned = plan(scenarios, **asked, tables=tables())
    manifest = {
        "cepsim": cepsim.__version__,
        "python": "3.0",
        "packages": {"numpy": "9.9"},
        "engine": planned.engine,
        "seed": planned.seed,
        "replications": planned.replications,
        **({"sample": planned.sample} if planned.sample > 1 else {}),
        "regions": list(planned.regions),
        "tables_sha256": planned.tables.digest,
        "scenarios": {of.name: {"toml": to_toml(of)} for of in planned.scenarios},
    }
    write_folder(folder, frames(), json.loads(json.dumps(manifest)))
    return folder


def facts_of(folder, language="fr", **more) -> Facts:
    """The facts of such a run."""
    run = RecordedRun.of(folder, tables())
    used = _used(run.plan.scenarios, noted(run.plan.tables), run.plan.tables)
    return Facts(run, used, language, **more)
