"""`cepsim provenance`: what is printed."""

import json

import pytest

import cepsim.experiment.provenance as module
from cepsim.cli import main
from cepsim.experiment.provenance import COLUMNS, _frame
from cepsim.scenario import load_scenario
from cepsim.tables import load_tables

ID = "operators.opacif.advisers_fte"


@pytest.fixture
def quick(monkeypatch):
    """Two figures, without running anything: what is listed is tested elsewhere."""
    tables = load_tables()
    used = tables.with_overrides(load_scenario("central", tables=tables).figures).figures
    readers = {ID: {"people.posts"}, "unit_costs.overhead_rate.all": {"costing.prices"}}
    monkeypatch.setattr(module, "provenance", lambda *_, **__: _frame(used, readers))


@pytest.mark.usefixtures("quick")
def test_figures_are_counted_by_confidence_then_listed_in_french(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    assert main(["provenance", "central", "--region", "94"]) == 0
    said = capsys.readouterr().out
    assert "Les chiffres qu'utilise le scénario « central » : 2" in said
    line = next(line for line in said.splitlines() if ID in line)
    assert all(words in line for words in ("200", "275", "330", "hypothèse", "oui", "people.posts"))
    assert "entre dans" in said


@pytest.mark.usefixtures("quick")
def test_json_holds_each_figure_with_every_column(capsys):
    assert main(["provenance", "central", "--region", "94", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["scenario"], found["regions"]) == ("central", ["94"])
    assert [list(figure) for figure in found["figures"]] == [list(COLUMNS)] * 2
    assert {figure["id"]: figure["mode"] for figure in found["figures"]}[ID] == 275


def test_an_unknown_scenario_is_one_line(capsys):
    assert main(["provenance", "centrale"]) == 3
    assert "centrale" in capsys.readouterr().err
