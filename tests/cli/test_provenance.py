"""`cepsim provenance`: what is printed."""

import json
import re
from dataclasses import replace

import pandas as pd
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


@pytest.fixture
def regional(monkeypatch):
    """One hypothesis, and a figure that each region has."""
    tables = load_tables()
    used = tables.with_overrides(load_scenario("central", tables=tables).figures).figures
    readers = {f"regions.{region.code}.population": {"tables.raking"} for region in tables.regions}
    monkeypatch.setattr(module, "provenance", lambda *_, **__: _frame(used, readers | {ID: {"x"}}))


@pytest.mark.usefixtures("quick")
def test_figures_are_counted_by_confidence_then_listed_in_french(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    assert main(["provenance", "central", "--region", "94", "--all"]) == 0
    said = capsys.readouterr().out
    assert "Les chiffres qu'utilise le scénario « central » : 2" in said
    line = next(line for line in said.splitlines() if ID in line)
    assert all(words in line for words in ("200", "275", "330", "hypothèse", "oui", "people.posts"))
    assert "entre dans" in said


@pytest.mark.usefixtures("regional")
def test_by_default_the_rows_of_all_regions_are_one_line_under_the_hypotheses(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    assert main(["provenance", "central"]) == 0
    said = capsys.readouterr().out
    order = ("Les chiffres", "Hypothèses : 1", ID, "À vérifier : 26 en 1", "regions.*.population")
    places = [said.index(words) for words in order]
    assert places == sorted(places)
    line = next(line for line in said.splitlines() if "regions.*.population" in line)
    assert re.search(r" 26 +239.648 – 11.898.502 +personnes +2013 .* tables.raking", line)
    line = next(line for line in said.splitlines() if ID in line)
    assert re.search(r" 1 +200 – 275 – 330 ", line)
    assert "regions.94" not in said


@pytest.mark.parametrize(
    ("low", "mode", "high", "said"), [(0.0, 0.0, 1.0, "0 – 0 – 1"), (3.5, 3.5, 3.5, " 3,5 ")]
)
def test_a_mode_at_an_end_is_said_and_a_single_value_once(capsys, monkeypatch, low, mode, high, said):
    row = replace(load_tables().figure(ID), low=low, mode=mode, high=high)
    monkeypatch.setattr(module, "provenance", lambda *_, **__: _frame({ID: row}, {ID: {"x"}}))
    assert main(["provenance", "central"]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if ID in line)
    assert said in line
    assert line.count("–") == said.count("–")


@pytest.mark.usefixtures("regional")
def test_a_long_text_is_cut_between_words_in_the_lines_and_whole_on_request(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "1000")
    whole = load_scenario("central", tables=load_tables()).figures[ID].reason
    assert len(whole) > 48
    assert main(["provenance", "central"]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if ID in line)
    assert " …" in line
    assert whole not in line
    assert main(["provenance", "central", "--all"]) == 0
    assert whole in capsys.readouterr().out


@pytest.mark.usefixtures("regional")
def test_every_figure_goes_to_a_file_that_french_spreadsheets_open(capsys, tmp_path):
    file = tmp_path / "figures.csv"
    for _ in range(2):  # an earlier list is replaced
        assert main(["provenance", "central", "--csv", str(file)]) == 0
    assert f"27 chiffres écrits dans {file}" in capsys.readouterr().out.replace("\n", "")
    frame = pd.read_csv(file, sep=";", decimal=",", encoding="utf-8-sig")
    assert list(frame.columns[:5]) == ["identifiant", "bas", "mode", "haut", "unité"]
    assert len(frame) == 27
    assert set(frame["confiance"]) == {"hypothèse", "à vérifier"}
    assert list(tmp_path.glob("*.partial")) == []


@pytest.mark.usefixtures("regional")
def test_in_english_the_file_has_english_heads_and_commas(tmp_path):
    file = tmp_path / "figures.csv"
    assert main(["provenance", "central", "--csv", str(file), "--lang", "en"]) == 0
    frame = pd.read_csv(file, encoding="utf-8-sig")
    assert list(frame.columns[:5]) == ["id", "low", "mode", "high", "unit"]


@pytest.mark.usefixtures("regional")
def test_another_file_a_link_or_no_folder_is_refused_and_nothing_is_written(capsys, tmp_path):
    mine = tmp_path / "mine.csv"
    mine.write_text("a;b", encoding="utf-8")
    (tmp_path / "link.csv").symlink_to(tmp_path / "elsewhere.csv")
    for name in ("mine.csv", "link.csv", "none/figures.csv"):
        assert main(["provenance", "central", "--csv", str(tmp_path / name)]) == 3
        assert "--csv : trouvé" in capsys.readouterr().err.replace("\n", " ")
    assert mine.read_text(encoding="utf-8") == "a;b"
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix) == ["link.csv", "mine.csv"]


def test_a_reason_that_would_be_a_formula_is_text_in_the_file(tmp_path, monkeypatch):
    row = replace(load_tables().figure(ID), source="", note='=HYPERLINK("http://x")')
    monkeypatch.setattr(module, "provenance", lambda *_, **__: _frame({ID: row}, {ID: {"x"}}))
    file = tmp_path / "figures.csv"
    assert main(["provenance", "central", "--csv", str(file)]) == 0
    frame = pd.read_csv(file, sep=";", encoding="utf-8-sig")
    assert frame.loc[0, "note"] == '\'=HYPERLINK("http://x")'


def test_a_file_and_json_are_not_asked_together(capsys):
    assert main(["provenance", "central", "--csv", "x.csv", "--json"]) == 2
    assert "--csv et --json" in capsys.readouterr().err


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
