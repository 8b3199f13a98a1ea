"""`cepsim check`: a run's marks as they are printed, its exit code, what a folder that is no run gives."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cepsim.cli.finished import complete_run
from cepsim.experiment.written import write_folder
from cepsim.scenario import load_scenario, to_toml
from cepsim.tables import load_tables

NAME = "reference-central_94_y1_s1_r1_0f0f0f0f"
COLUMNS = ["scenario", "quantity", "unit", "low", "high", "found", "inside", "set_inputs"]
ROWS = [
    ("reference", "contacts", "contacts_per_year", 4670.6, 5604.7, 4901.0, True, "demand.a+operators.b"),
    ("reference", "received", "persons_per_year", 747.3, 864.1, 800.0, True, "demand.c"),
    ("reference", "direct_hours_per_person_received", "hours", 1.06, 2.12, 1.444, True, "stages.d"),
    ("reference", "cost_per_person_received", "eur_per_person", 140.0, 165.0, 150.0, True, ""),
    ("central", "cost_per_person_entering_conseil", "eur_per_person", 400.0, 760.0, 500.0, True, ""),
]
NOTHING = float("nan")


def marks(**found: float) -> pd.DataFrame:
    """Marks that are all met, but where something else was found."""
    frame = pd.DataFrame(ROWS, columns=COLUMNS)
    frame["found"] = [found.get(name, value) for name, value in frame[["quantity", "found"]].to_numpy()]
    return frame.assign(inside=(frame["low"] <= frame["found"]) & (frame["found"] <= frame["high"]))


MANIFEST = {
    "cepsim": "0.1.0",
    "regions": ["94"],
    "scenarios": {
        name: {"canonical": {}, "toml": to_toml(load_scenario(name))} for name in ("reference", "central")
    },
}


def run(frame: pd.DataFrame | None = None, name: str = NAME) -> Path:
    folder = Path("reports", name)
    write_folder(folder, {"marks": marks() if frame is None else frame}, MANIFEST)
    return folder


# -- what is printed -----------------------------------------------------------------------------------------


def test_a_run_inside_every_mark_passes(call):
    folder = run()
    outcome = call("check", NAME)
    assert (outcome.code, outcome.err) == (0, "")
    title, heading, _, contacts, *_ = outcome.out.splitlines()
    assert title == "Contrôle de calage : la référence contre ce qui était observé"
    assert heading.split("  ")[0] == "Grandeur"
    assert contacts.split("   ")[0] == "contacts des OPACIF"
    for cell in ("Référence, sans CEP", "4 671", "5 605", "4 901", "dans le repère", "calé : contacts par"):
        assert cell in contacts.replace("\u202f", " ").replace("\xa0", " ")
    assert "1,06" in outcome.out
    assert "indépendant" in outcome.out
    assert "Vérification réussie : 5 dans le repère, aucun hors du repère." in outcome.out
    assert call("check", str(folder)).out == call("check", str(folder.absolute())).out == outcome.out


def test_a_run_outside_a_mark_fails_and_names_it(call):
    run(marks(received=629.0, cost_per_person_entering_conseil=900.0))
    outcome = call("check", NAME)
    assert outcome.code == 5
    assert outcome.err == (
        "Erreur : contrôle de calage : 2 hors du repère (personnes reçues · "
        "coût par personne entrant en conseil, hors bilan (€)), 3 dans le repère.\n"
    )
    assert outcome.out.count("hors du repère") == 2
    assert "fins de demi-journée" in outcome.out
    run(marks(received=629.0, contacts=NOTHING))
    assert "3 dans le repère. Sans valeur simulée : contacts des OPACIF." in call("check", NAME).err


def test_a_mark_of_several_scenarios_is_named_with_its_scenario(call):
    frame = marks(cost_per_person_entering_conseil=900.0)
    run(pd.concat([frame, frame.tail(1).assign(scenario="reference")]))
    said = call("check", NAME, "--lang", "en").err
    assert "2 outside the mark (" in said
    assert "without bilan (€) (Central scenario) · " in said
    assert "(Reference, no CEP)" in said


def test_english_on_request(call):
    run(marks(received=629.0))
    outcome = call("check", NAME, "--lang", "en")
    assert outcome.err == "Error: check of calibration: 1 outside the mark (people received), 4 inside.\n"
    assert "Reference, no CEP" in outcome.out
    run()
    assert "Check passed: 5 inside, none outside the mark." in call("check", NAME, "--lang", "en").out


def test_a_mark_for_which_nothing_is_known_is_neither_met_nor_missed(call):
    run(marks(cost_per_person_entering_conseil=NOTHING))
    outcome = call("check", NAME)
    assert outcome.code == 0
    assert (
        "4 dans le repère, aucun hors du repère. Sans valeur simulée : coût par personne entrant"
        in outcome.out
    )


def test_a_date_after_the_years_counted_is_told_beside_the_marks(call):
    tables = load_tables()
    late = load_scenario("universel").derive({"calendar.years": 1}, name="universel", tables=tables)
    scenarios = {of.name: {"canonical": {}, "toml": to_toml(of)} for of in (load_scenario("reference"), late)}
    told = MANIFEST | {"tables_sha256": tables.digest, "scenarios": scenarios, "replications": 1, "seed": 1}
    frame = marks().replace("central", "universel")
    write_folder(Path("reports", NAME), {"marks": frame}, told)
    outcome = call("check", NAME, "--lang", "en")
    assert outcome.code == 0
    assert outcome.err.startswith("universel: waves[1] (2016-01-01) after the years counted")


def test_a_sample_says_so(call):
    run(marks().assign(sample=5))
    assert "une personne sur 5 est simulée" in call("check", NAME).out


@pytest.mark.parametrize(("received", "code"), [(800.0, 0), (629.0, 5), (NOTHING, 0)])
def test_json_is_the_frame_and_nothing_else(call, received, code):
    frame = marks(received=received)
    folder = run(frame)
    outcome = call("check", NAME, "--json")
    assert (outcome.code, bool(outcome.err)) == (code, code == 5)
    document = json.loads(outcome.out)
    assert document["folder"] == str(folder)
    rows = pd.DataFrame(document["frames"]["marks"]).astype({"found": float})
    pd.testing.assert_frame_equal(rows, frame, check_dtype=False)


@pytest.mark.parametrize("found", [629.123456789012, NOTHING])
def test_csv_is_read_where_there_is_no_parquet(call, found):
    folder = run(marks(received=found))
    before = call("check", NAME)
    (folder / "marks.parquet").unlink()
    assert call("check", NAME) == before


def test_no_input_set_on_any_mark_comes_back_from_csv(call):
    folder = run(marks().tail(2))
    before = call("check", NAME)
    (folder / "marks.parquet").unlink()
    assert before.code == 0
    assert call("check", NAME) == before


# -- which run -----------------------------------------------------------------------------------------------


def test_an_unknown_name_names_the_nearest_run(call):
    run()
    for asked, meant in ((NAME[:-1], NAME), (f"reports/{NAME}x", f"reports/{NAME}")):
        outcome = call("check", asked)
        assert (outcome.code, outcome.out) == (3, "")
        assert outcome.err == (
            f"Erreur : CALCUL : trouvé « {asked} », attendu le dossier d'un calcul, "
            f"ou son nom dans « reports ». Vouliez-vous dire « {meant} » ?\n"
        )
    assert f'Did you mean "{NAME}"?' in call("check", NAME[:-1], "--lang", "en").err
    assert f"Noms valides : {NAME}." in call("check", "zzz").err


@pytest.mark.parametrize("name", ["", "nothing", "no/where", "x" * 5000, "x" * 5000 + "/y"])
def test_without_any_run_nothing_is_proposed(call, name):
    outcome = call("check", name)
    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err.endswith("ou son nom dans « reports »\n")


def test_a_run_is_preferred_to_a_folder_of_the_same_name(call):
    run()
    Path(NAME).mkdir()
    assert call("check", NAME).code == 0


def test_a_run_is_missing_from_the_line(call):
    outcome = call("check")
    assert (outcome.code, outcome.out) == (2, "")
    assert "il manque CALCUL" in outcome.err


def test_a_shell_completes_runs():
    assert complete_run("") == []
    run()
    run(name="other")
    Path("reports", "referendum").mkdir()
    Path("reports", "referential.txt").touch()
    assert complete_run("") == ["other", NAME]
    assert complete_run("ref") == [NAME]
    asked = {"_CEPSIM_COMPLETE": "complete_bash", "COMP_WORDS": "cepsim check re", "COMP_CWORD": "2"}
    result = subprocess.run(
        [sys.executable, "-c", "from cepsim.cli import main; main([])"],
        env=os.environ | asked,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (result.stdout.split(), result.stderr) == ([NAME], "")


# -- bad input -----------------------------------------------------------------------------------------------


def refused(call, file: str, *said: str) -> None:
    outcome = call("check", NAME)
    assert (outcome.code, outcome.out) == (3, ""), outcome
    assert outcome.err.startswith(f"Erreur : {Path('reports', NAME, file)} : ")
    for words in said:
        assert words in outcome.err
    assert call("check", NAME, "--json").err == outcome.err
    english = call("check", NAME, "--lang", "en").err
    assert english.startswith(f"Error: {Path('reports', NAME, file)}: ")
    assert english != outcome.err


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (None, "aucun fichier de ce nom"),
        ("{", "un texte qui n'est pas du JSON"),
        ("[" * 100_000, "un texte qui n'est pas du JSON"),
        ("[]", "du JSON que cepsim n'a pas écrit"),
        ('{"name": "somebody else"}', "du JSON que cepsim n'a pas écrit"),
        ('{"cepsim": "0.1.0"}', "aucun scénario"),
        ('{"cepsim": "0.1.0", "scenarios": {"reference": {"toml": "= 1"}}}', "aucun titre"),
        ('{"cepsim": "0.1.0", "scenarios": {"reference": 1}}', "aucun titre"),
    ],
)
def test_a_folder_without_the_manifest_of_a_run_is_refused(call, text, found):
    manifest = run() / "manifest.json"
    manifest.unlink()
    if text is not None:
        manifest.write_text(text)
    refused(call, "manifest.json", f"trouvé {found}, attendu ")


def test_a_manifest_that_is_not_text_is_refused(call):
    (run() / "manifest.json").write_bytes(b"\xff\xfe")
    refused(call, "manifest.json", "un texte qui n'est pas du JSON")


def test_results_without_marks_are_refused(call):
    folder = run()
    (folder / "marks.parquet").unlink()
    (folder / "marks.csv").unlink()
    refused(
        call,
        "marks.parquet",
        "trouvé aucun fichier",
        "attendu la table « marks » telle que cepsim run l'écrit",
    )


@pytest.mark.parametrize("content", [b"", b"nothing", b"PAR1" + bytes(100) + b"PAR1"])
def test_damaged_parquet_is_refused(call, content):
    (run() / "marks.parquet").write_bytes(content)
    refused(call, "marks.parquet", "trouvé un fichier abîmé", "Refaites le calcul")


def test_parquet_cut_short_is_refused(call):
    file = run() / "marks.parquet"
    file.write_bytes(file.read_bytes()[:-50])
    refused(call, "marks.parquet", "trouvé un fichier abîmé")


@pytest.mark.parametrize("content", [b"", b'a,b\n"1,2\n3,4', b"\xff\xfe,1\n", b"a\n1,2\n1\n1,2,3\n"])
def test_damaged_csv_is_refused(call, content):
    folder = run()
    (folder / "marks.parquet").unlink()
    (folder / "marks.csv").write_bytes(content)
    refused(call, "marks.csv")


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"scenario": "actuel"}, "colonne scenario : trouvé « actuel », attendu un scénario du manifeste"),
        ({"quantity": "contact"}, "grandeur qui a un repère. Vouliez-vous dire « contacts » ?"),
        ({"quantity": "name"}, "grandeur qui a un repère"),
        ({"unit": "parsecs"}, "colonne unit : trouvé « parsecs », attendu une unité du vocabulaire"),
        ({"low": "many"}, "colonne low : trouvé « many », attendu un nombre fini"),
        ({"low": NOTHING}, "colonne low : trouvé nan, attendu un nombre fini"),
        ({"high": np.inf}, "colonne high : trouvé inf, attendu un nombre fini"),
        ({"high": 1.0}, "colonne high : trouvé 1.0, attendu 4670.6 ou plus"),
        ({"found": -np.inf}, "colonne found : trouvé -inf, attendu un nombre fini"),
        ({"inside": False}, "colonne inside : trouvé False, attendu ce que disent low, high et found"),
        ({"inside": "yes"}, "colonne inside : trouvé « yes », attendu ce que disent low, high et found"),
        ({"sample": "many"}, "colonne sample : trouvé « many », attendu un nombre entier"),
        (
            {"quantity": "cost_per_person_received"},
            "colonne set_inputs : trouvé « demand.a+operators.b », attendu rien",
        ),
    ],
)
@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_marks_that_no_run_writes_are_refused(call, cells, said, kind):
    frame = marks().head(1).assign(**cells)
    folder = run(frame)
    if kind == "csv":
        (folder / "marks.parquet").unlink()
    refused(call, f"marks.{kind}", "ligne 2, ", said)


@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_that_lacks_is_named(call, column):
    run(marks().drop(columns=column))
    refused(
        call, "marks.parquet", f"{column} : trouvé aucune colonne de ce nom, attendu les colonnes scenario, "
    )


def test_marks_without_a_row_are_refused(call):
    run(marks().head(0))
    refused(call, "marks.parquet", "trouvé aucune ligne, attendu un repère au moins")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_named(call):
    file = run() / "marks.parquet"
    file.chmod(0)
    outcome = call("check", NAME)
    assert outcome.code == 3
    assert "marks.parquet : accès refusé" in outcome.err


def test_a_folder_in_place_of_a_file_is_refused(call):
    folder = run()
    (folder / "manifest.json").unlink()
    (folder / "manifest.json").mkdir()
    refused(call, "manifest.json", "aucun fichier de ce nom")
    shutil.rmtree(folder)
    assert call("check", NAME).code == 3


# -- the obligation de moyens, and folders that are no run ---------------------------------------------------


def owed(mean: float) -> pd.DataFrame:
    """What the OPACIF of Corse offers within the norm in the central scenario."""
    row = {"scenario": "central", "operator": "opacif", "norm_days": 10, "unit": "share", "required": 0.9}
    row |= {"mean": mean, "low": NOTHING, "high": NOTHING, "n": 1, "people": 800.0}
    row["verdict"] = "met" if mean >= 0.9 else "missed"
    return pd.DataFrame([{**row, "region": region} for region in ("all", "94")])


def owing(mean: float) -> Path:
    folder = Path("reports", NAME)
    write_folder(folder, {"marks": marks(), "obligation": owed(mean)}, MANIFEST)
    return folder


@pytest.mark.parametrize(("mean", "word"), [(0.72, "non tenue"), (0.95, "tenue")])
def test_what_is_offered_within_the_norm_is_said_with_what_is_required_and_fails_nothing(call, mean, word):
    owing(mean)
    outcome = call("check", NAME)
    assert (outcome.code, outcome.err) == (0, "")
    (line,) = [line for line in outcome.out.splitlines() if "OPACIF (" in line]
    cells = line.replace("\xa0", " ").replace("\u202f", " ").split("  ")
    offered = f"{100 * mean:.1f} %".replace(".", ",")
    assert [cell.strip() for cell in cells if cell.strip()][2:] == [offered, "10", "90,0 %", word]


def test_a_run_of_these_tables_shows_the_last_quarter_and_why_a_cost_misses_its_mark(call):
    today = MANIFEST | {"tables_sha256": load_tables().digest, "replications": 1, "seed": 1}
    offered = {"scenario": "central", "region": "all", "operator": "opacif", "stage": "accueil"}
    offered |= {"public": "all", "team": "all", "indicator": "share_within_norm", "unit": "share", "n": 1}
    offered |= {"indicative": False, "beyond": "", "withheld": False, "people": 800.0}
    rows = [
        {**offered, "period": period, "mean": mean, "low": NOTHING, "high": NOTHING}
        for period, mean in (("all", 0.72), ("2015-Q1", 0.5), ("2015-Q2", 0.64))
    ]
    frames = {"marks": marks(cost_per_person_received=200.0), "obligation": owed(0.72)}
    write_folder(Path("reports", NAME), frames | {"indicators": pd.DataFrame(rows)}, today)
    outcome = call("check", NAME)
    assert outcome.code == 5
    assert "Dernier trimestre" in outcome.out
    assert "64,0" in outcome.out
    assert "Le dernier trimestre dit où l'on en est." in " ".join(outcome.out.split())
    assert "ETP de conseillers au lieu de 260" in " ".join(outcome.out.split())
    frames["marks"] = marks(cost_per_person_received=200.0)
    write_folder(Path("reports", NAME), frames, MANIFEST)
    assert "ernier trimestre" not in call("check", NAME).out


def test_json_holds_the_obligation_too(call):
    owing(0.72)
    frames = json.loads(call("check", NAME, "--json").out)["frames"]
    assert [row["verdict"] for row in frames["obligation"]] == ["missed", "missed"]


def test_a_folder_of_an_earlier_version_says_that_it_has_no_obligation(call):
    run()
    assert "version antérieure" in call("check", NAME).out
    assert "obligation" not in json.loads(call("check", NAME, "--json").out)["frames"]


def test_an_obligation_that_no_run_writes_is_refused(call):
    folder = owing(0.72)
    frame = owed(0.72).assign(verdict="met")
    frame.to_parquet(folder / "obligation.parquet", index=False)
    outcome = call("check", NAME)
    assert (outcome.code, outcome.out) == (3, "")
    assert "verdict" in outcome.err


@pytest.mark.parametrize("command", [["check"], ["note"], ["costs", "--by", "payer"]])
def test_the_folder_of_a_comparison_says_what_it_is_and_what_prints_it(call, command):
    folder = Path("reports", "compare-a")
    comparison = {**MANIFEST, "comparison": {"base": "reference", "others": ["central"]}}
    write_folder(folder, {"people": marks()}, comparison)
    name, *more = command
    outcome = call(name, str(folder), *more)
    assert (outcome.code, outcome.out) == (3, "")
    assert "le dossier d'une comparaison" in outcome.err
    assert "cepsim compare reference central" in outcome.err
    english = call(name, str(folder), *more, "--lang", "en").err
    assert "the folder of a comparison" in english


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("sizing", "le dossier d'un dimensionnement"),
        ("budget", "le dossier d'un dimensionnement"),
        ("sensitivity", "le dossier d'une étude de sensibilité"),
        ("files", "un dossier de tableaux publiés"),
        ("comparison", "le dossier d'une comparaison"),
    ],
)
def test_a_folder_that_is_no_run_s_says_what_it_is_and_is_never_proposed(call, key, words):
    run()
    write_folder(Path("reports", "another"), {"people": marks()}, {**MANIFEST, key: {}})
    outcome = call("check", "another")
    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err.startswith(f"Erreur : CALCUL : trouvé {words}, ")
    assert "attendu le dossier d'un calcul" in outcome.err
    assert call("check", "nope").err.endswith(f"Noms valides : {NAME}.\n")
    assert complete_run("") == [NAME]


@pytest.mark.parametrize("part", ["backtest", "dossier", "note"])
def test_a_part_of_a_run_s_folder_names_the_whole(call, part):
    whole = run()
    (whole / part).mkdir()
    outcome = call("check", str(whole / part))
    assert outcome.code == 3
    assert f"le dossier {part} d'un calcul" in outcome.err
    assert str(whole.absolute()) in outcome.err
