"""What a tornado measured takes its place in the dossier of a run."""

import json

import pandas as pd
import pytest
from dossiers import facts_of, written_run

from cepsim.errors import InputError
from cepsim.report.dossier import dossier
from cepsim.report.dossier_impacts import impacts_of

ID = "operators.opacif.advisers_fte"


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    return facts_of(written_run(tmp_path_factory.mktemp("dossier") / "a-run"))


def tornado(folder, plan, **settings):
    folder.mkdir(exist_ok=True)
    of = {
        "method": "tornado",
        "scenario": plan.scenarios[-1].name,
        "tables_sha256": plan.tables.digest,
        **settings,
    }
    (folder / "manifest.json").write_text(json.dumps({"cepsim": "0", "sensitivity": of}))
    rows = [
        ("new_money", "eur_per_year", ID, "low", -12000.0, True),
        ("new_money", "eur_per_year", ID, "high", 9000.0, False),
        ("gross_cost", "eur_per_year", ID, "low", 1.0, True),
        ("wait_p90", "working_days", ID, "low", 2.5, False),
        ("wait_p90", "working_days", ID, "high", -1.0, False),
    ]
    columns = ["outcome", "unit", "figure", "end", "effect", "told"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "effects.csv", index=False)
    return folder


def test_a_hypothesis_says_what_its_range_does_to_a_cost_and_a_delay_and_what_is_noise(facts, tmp_path):
    found = impacts_of(tornado(tmp_path, facts.run.plan), facts.run.plan)
    assert found == {
        ID: "argent nouveau : −12 000\u202f€ à +9 000\u202f€ ; ".replace(" 0", "\u202f0").replace(
            "\u202f€", "\xa0€"
        )
        + "attente de 9 sur 10, OPACIF (j ouvrés) : −1,0 à +2,5, dans le bruit"
    }
    measured = facts_of(facts.run.folder, impacts=found)
    table = next(table for table in dossier(measured) if table.key == "hypotheses")
    assert [row[8] for row in table.rows if row[0] == ID] == [found[ID]]


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"method": "sobol"}, "sensitivity.method"),
        ({"scenario": "another"}, "sensitivity.scenario"),
        ({"tables_sha256": "0" * 64}, "sensitivity.tables_sha256"),
    ],
)
def test_another_study_is_refused(facts, tmp_path, settings, field):
    with pytest.raises(InputError) as refused:
        impacts_of(tornado(tmp_path, facts.run.plan, **settings), facts.run.plan)
    assert refused.value.field == field


def test_effects_without_their_columns_are_refused(facts, tmp_path):
    folder = tornado(tmp_path, facts.run.plan)
    pd.DataFrame({"outcome": ["new_money"]}).to_csv(folder / "effects.csv", index=False)
    with pytest.raises(InputError):
        impacts_of(folder, facts.run.plan)
