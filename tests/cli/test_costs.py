"""`cepsim costs RUN`: a cut of the ledger of a finished run, from its folder."""

import json

import pandas as pd
import pytest

from cepsim.cli import main
from cepsim.experiment.written import write_folder
from cepsim.labels import label

ROW = dict(
    zip(
        ("year", "region", "operator", "stage", "public", "nature", "character", "payer"),
        (2015, "94", "opacif", "accueil", "salaries_cdi", "advisers_used", "redeploye", "etat"),
        strict=True,
    )
)
WHOLE = {**ROW, "scenario": "central", "replication": 0, "amount_cents": 1}


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A run of two scenarios in the folder of reports of the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    rows = [
        {**ROW, "scenario": name, "replication": n, "amount_cents": 100 * cents}
        for name, amounts in (("reference", (100, 120, 140)), ("central", (150, 180, 210)))
        for n, cents in enumerate(amounts)
    ]
    scenarios = {
        name: {"toml": f'title = {{ fr = "Titre de {name}", en = "Title of {name}" }}\n'}
        for name in ("reference", "central")
    }
    folder = tmp_path / "reports" / "a-run"
    write_folder(folder, {"ledger": pd.DataFrame(rows)}, {"cepsim": "0.1.0", "scenarios": scenarios})
    return folder


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize("where", ["a-run", "reports/a-run"])
def test_a_run_is_found_by_its_name_or_its_folder_and_cut(capsys, where):
    assert main(["costs", where, "--by", "operator, payer"]) == 0
    said = capsys.readouterr().out
    line = next(line for line in said.splitlines() if "OPACIF" in line)
    assert "État" in line
    assert "120\xa0€" in line
    assert "180\xa0€" in line
    assert "Titre de central" in said
    assert said.index("OPACIF") < said.index("ensemble")


@pytest.mark.usefixtures("run")
def test_net_of_a_scenario_leaves_the_others_in_either_language(capsys):
    assert main(["costs", "a-run", "--net-of", "reference", "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert "Title of central" in said
    assert "Title of reference" not in said
    assert "€60" in said


@pytest.mark.usefixtures("run")
def test_json_holds_the_frame(capsys):
    assert main(["costs", "a-run", "--by", "year", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["unit"] == "eur"
    means = {(row["scenario"], row["year"]): (row["mean"], row["n"]) for row in found["frames"]["costs"]}
    assert means == {("reference", 2015): (120.0, 3), ("central", 2015): (180.0, 3)}


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["a-ran"], 3, "trouvé « a-ran », attendu le dossier d'un calcul"),
        (["a-run", "--by", "couleur"], 2, "une coupe par couleur : attendu des dimensions différentes parmi"),
        (
            ["a-run", "--view", "couleur"],
            2,
            "--view : trouvé « couleur », attendu ledger | commitments | fund",
        ),
        (["a-run", "--view", "fund", "--by", "year"], 2, "--view fund a ses propres lignes"),
        (["a-run", "--view", "commitments"], 3, "commitments.parquet"),
        (["a-run", "--net-of", "universel"], 2, "aucun calcul de « universel » dont retrancher les coûts"),
    ],
)
def test_what_cannot_be_cut_is_one_line_in_french(capsys, words, code, said):
    assert main(["costs", *words]) == code
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([ROW], "scenario : trouvé aucune colonne de ce nom, attendu les colonnes"),
        ([{**WHOLE, "amount_cents": 1.5}], "amount_cents : trouvé « float64 », attendu un nombre entier"),
        ([{**WHOLE, "scenario": "autre"}], "scenario : trouvé « autre », attendu un scénario du manifeste"),
        ([{**WHOLE, "payer": "personne"}], "payer : trouvé « personne », attendu un code qu'un grand livre"),
        (
            [{**WHOLE, "stage": None}],
            "stage : trouvé « None », attendu un code qu'un grand livre peut contenir",
        ),
        ([{**WHOLE, "sample": "5"}], "sample : trouvé « str », attendu un nombre entier"),
    ],
)
def test_a_ledger_that_no_run_wrote_is_refused_and_named(run, capsys, rows, said):
    pd.DataFrame(rows).to_parquet(run / "ledger.parquet")
    assert main(["costs", "a-run"]) == 3
    assert f"ledger.parquet : {said}" in capsys.readouterr().err


def test_a_damaged_ledger_is_named(run, capsys):
    (run / "ledger.parquet").write_bytes(b"not parquet")
    assert main(["costs", "a-run"]) == 3
    assert "ledger.parquet : trouvé un fichier abîmé" in capsys.readouterr().err


def test_costs_of_a_sample_say_so(run, capsys):
    pd.DataFrame([{**WHOLE, "sample": 5}]).to_parquet(run / "ledger.parquet")
    assert main(["costs", "a-run"]) == 0
    assert label("answers.sample", "fr", sample=5).split(".")[0][:60] in capsys.readouterr().out.replace(
        "\n", " "
    )
