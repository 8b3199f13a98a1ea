"""`cepsim dossier RUN`: what is printed and written, from a run's folder alone."""

import pytest
from dossiers import noted, written_run

import cepsim.experiment.provenance as module
from cepsim.report.dossier import PRINTED

TABLES = (
    *("stress", "ispor", "rap", "impact_quality", "hypotheses", "scenarios", "scenario_logic", "flow"),
    *("parameters", "sources", "draws"),
)


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_noted", lambda _scenarios, _regions, tables: noted(tables))
    return written_run(tmp_path / "a-run")


def test_the_dossier_is_printed_in_short_and_written_whole(call, run):
    outcome = call("dossier", str(run))
    assert outcome.code == 0
    written = sorted(path.name for path in (run / "dossier").iterdir())
    assert written == sorted([*(f"{name}.csv" for name in TABLES), "dossier.md", "flow.mmd"])
    text = (run / "dossier" / "dossier.md").read_text(encoding="utf-8")
    assert text.count("\n## ") == len(TABLES)
    assert text.startswith("# Dossier : « Référence, sans CEP », « Scénario central »")
    assert "STRESS-DES" in outcome.out
    assert outcome.out.count("────") >= len(PRINTED)
    assert f"{len(TABLES) + 2} fichiers" in outcome.out.replace("\n", " ")


def test_it_is_written_in_english_on_request_and_replaces_the_one_before(call, run):
    call("dossier", str(run))
    (run / "dossier" / "left.csv").write_text("x", encoding="utf-8")
    assert call("dossier", str(run), "--lang", "en").code == 0
    assert not (run / "dossier" / "left.csv").exists()
    text = (run / "dossier" / "dossier.md").read_text(encoding="utf-8")
    assert "## Checklist derived from ISPOR-SMDM" in text
    assert "takes people" in text
    assert "Réponse" not in text


def test_a_folder_that_is_no_run_is_refused_and_nothing_is_written(call, tmp_path):
    folder = tmp_path / "empty"
    folder.mkdir()
    assert call("dossier", str(folder)).code == 3
    assert list(folder.iterdir()) == []
