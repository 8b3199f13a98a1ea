"""`cepsim data` and `cepsim regions`: what is shown of the tables, and what a mistake in one gives."""

import csv
import shutil
from pathlib import Path

import pytest

from cepsim.resources import tables_folder
from cepsim.tables import load_tables
from cepsim.tables.schema import TABLES

NAMES = ("regions_names", "actors_names")


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    return Path(shutil.copytree(tables_folder(), tmp_path / "insee_2012"))


def edit(folder: Path, table: str, line: int, **cells: str) -> None:
    path = folder / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    for column, value in cells.items():
        rows[line - 1][rows[0].index(column)] = value
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


COMMANDS = [
    ("data", "check"),
    ("data", "show"),
    ("regions", "list"),
    ("scenarios", "show", "central"),
    ("run", "central", "--region", "94", "--out", "results"),
]


@pytest.mark.parametrize("table", TABLES)
def test_an_error_planted_in_any_table_is_one_line_and_writes_nothing(call, tables, empty_folder, table):
    edit(tables, table, 2, mode="35, 336")
    outcome = call("data", "check", "--data", str(tables))
    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err == (
        f"Erreur : {table}.csv : ligne 2, colonne mode : trouvé « 35, 336 », "
        "attendu un nombre fini, avec un point décimal. "
        "Écrivez un point décimal, sans espace ni marque : 35.336 (k_persons) ou 35336 (persons).\n"
    )
    assert list(empty_folder.iterdir()) == []


@pytest.mark.parametrize("table", NAMES)
def test_a_code_repeated_in_a_table_of_names_is_one_line(call, tables, table):
    key = "region" if table == "regions_names" else "actor"
    with (tables / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        first = next(csv.DictReader(stream))[key]
    edit(tables, table, 3, **{key: first})
    outcome = call("data", "check", "--data", str(tables))
    assert (outcome.code, outcome.out) == (3, "")
    assert f"Erreur : {table}.csv : ligne 3, colonne {key} : trouvé « {first} »" in outcome.err


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_refuses_tables_that_are_wrong(call, tables, empty_folder, words):
    edit(tables, "publics", 2, unit="k_person")
    outcome = call(*words, "--data", str(tables))
    assert (outcome.code, outcome.out) == (3, "")
    assert "publics.csv : ligne 2, colonne unit : trouvé « k_person »" in outcome.err
    assert "Vouliez-vous dire « k_persons » ?" in outcome.err
    assert list(empty_folder.iterdir()) == []


def test_a_missing_table_is_named(call, tables):
    (tables / "stages.csv").unlink()
    outcome = call("data", "show", "--data", str(tables))
    assert outcome.code == 3
    assert outcome.err.startswith("Erreur : stages.csv : trouvé aucun fichier de ce nom dans")
    assert outcome.err.count("\n") == 1


def test_a_folder_of_tables_that_is_none_is_said_at_once(call):
    outcome = call("data", "check", "--data", "nowhere")
    assert outcome.code == 3
    assert outcome.err.startswith("Erreur : --data : trouvé « nowhere », attendu un dossier")
    assert outcome.err.count("\n") == 1


def test_many_problems_are_cut_short_and_counted(call, tables):
    for line in range(2, 42):
        edit(tables, "regions", line, unit="heads!")
    outcome = call("data", "check", "--data", str(tables))
    assert outcome.err.count("regions.csv") == 20
    assert outcome.err.splitlines()[-1] == "… et 20 autres."


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_shipped_tables_pass_their_check(call, language):
    outcome = call("data", "check", "--lang", language)
    assert (outcome.code, outcome.err) == (0, "")
    assert "metropole.all_active" in outcome.out
    assert ("doit être exact" if language == "fr" else "must be exact") in outcome.out
    last = outcome.out.splitlines()[-1]
    assert last.startswith("Vérification réussie" if language == "fr" else "Check passed")


def test_a_sum_that_does_not_hold_is_a_check_that_fails_and_an_input_that_no_run_takes(call, tables):
    figure = next(f for f in load_tables().figures.values() if f.table == "publics" and f.extra("sums_to"))
    more = f"{figure.mode * 1.5:.6g}"
    edit(tables, "publics", figure.line, mode=more, high=f"{figure.high * 2:.6g}")
    asked = call("data", "check", "--data", str(tables))
    assert (asked.code, asked.out) == (5, "")
    assert "attendu des modes dont la somme fasse" in asked.err
    assert call("regions", "list", "--data", str(tables)).code == 3


def test_a_check_that_fails_exits_with_5_and_names_what_fails(call, tables):
    line = load_tables().figure("operators.opacif.cif_cdi@check").line
    edit(tables, "operators", line, low="20000", mode="20000", high="20000")
    outcome = call("data", "check", "--data", str(tables))
    assert outcome.code == 5
    assert outcome.err == "Erreur : la vérification des tables échoue : operators.opacif.cif_cdi@check.\n"
    line = next(
        line for line in outcome.out.splitlines() if line.startswith("operators.opacif.cif_cdi@check")
    )
    assert line.rstrip().endswith("non")


def test_slide_5_is_shown_line_by_line(call):
    outcome = call("data", "show")
    assert outcome.code == 0
    line = next(line for line in outcome.out.splitlines() if "CIF CDI + CIF CDD" in line)
    assert "35, 336 *" in line
    assert "35\u202f336" in line
    assert "flows.cif_cdi.pris_en_charge@2010" in line


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_shown_with_every_figure(call, table, language):
    outcome = call("data", "show", table, "--lang", language)
    assert (outcome.code, outcome.err) == (0, "")
    shown = {line.split()[0] for line in outcome.out.splitlines() if line.strip()}
    assert set(load_tables().ids(table)) <= shown


@pytest.mark.parametrize("table", NAMES)
def test_tables_of_names_are_shown(call, table):
    outcome = call("data", "show", table)
    assert outcome.code == 0
    assert len(outcome.out.splitlines()) > len(load_tables().names[table])


def test_an_unknown_table_gets_the_nearest_one(call):
    outcome = call("data", "show", "flow")
    assert (outcome.code, outcome.out) == (3, "")
    assert "Vouliez-vous dire « flows » ?" in outcome.err


def test_a_figure_is_shown_with_all_that_is_known_of_it(call):
    figure = load_tables().figure("operators.opacif.advisers_fte")
    outcome = call("data", "show", "--figure", figure.id)
    said = " ".join(outcome.out.split())
    assert figure.id in said
    assert f"mode {figure.mode:g} " in said
    assert f"operators.csv, ligne {figure.line}" in said
    assert (figure.source or figure.note)[:15] in said


def test_an_unknown_figure_gets_the_nearest_one(call):
    outcome = call("data", "show", "--figure", "operators.opacif.adviser_fte")
    assert (outcome.code, outcome.out) == (3, "")
    assert "Vouliez-vous dire « operators.opacif.advisers_fte » ?" in outcome.err


def test_what_a_table_says_is_never_read_as_markup(call, tables):
    line = load_tables().figure("operators.opacif.advisers_fte").line
    edit(tables, "operators", line, note="[red]x[/red] :smile: y")
    outcome = call("data", "show", "--figure", "operators.opacif.advisers_fte", "--data", str(tables))
    assert "[red]x[/red] :smile: y" in outcome.out


def test_an_escape_sequence_in_a_table_is_refused_and_never_sent(call, tables):
    line = load_tables().figure("operators.opacif.advisers_fte").line
    edit(tables, "operators", line, note="[red]x[/red] \x1b[2Jy")
    outcome = call("data", "show", "--figure", "operators.opacif.advisers_fte", "--data", str(tables))
    assert (outcome.code, outcome.out) == (3, "")
    assert "[red]x[/red] \\x1b[2Jy" in outcome.err
    assert "\x1b" not in outcome.err


def test_regions_are_listed_with_code_zone_and_pilots(call):
    outcome = call("regions", "list")
    rows = {line.split()[0]: line for line in outcome.out.splitlines() if line.strip()[:2].isdigit()}
    assert list(rows) == [region.code for region in load_tables().regions]
    assert rows["53"].split() == ["53", "Bretagne", "métropole", "oui"]
    assert rows["01"].split() == ["01", "Guadeloupe", "outre-mer"]


@pytest.mark.parametrize(
    "words",
    [
        ("data", "show", "unit_costs"),
        ("data", "show", "regions_names"),
        ("scenarios", "show", "central", "--figures"),
    ],
)
def test_notes_in_another_language_are_said_to_be_quoted(call, words):
    assert "citées telles que les tables les donnent, dans leur langue" in " ".join(call(*words).out.split())
    assert "quoted as the tables have them" in " ".join(call(*words, "--lang", "en").out.split())


def test_a_figure_says_that_its_note_is_quoted_where_it_has_one(call):
    noted = call("data", "show", "--figure", "actors.apec.structures").out
    assert "dans leur langue" in " ".join(noted.split())
