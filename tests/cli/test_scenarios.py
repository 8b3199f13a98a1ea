"""`cepsim scenarios`: what is shown, compared, checked and written."""

import json
from pathlib import Path

import pytest

from cepsim.resources import scenarios_folder
from cepsim.scenario import SCHEMA_FILE, field_keys, list_scenarios, load_scenario
from cepsim.tables import load_tables


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_list_holds_every_scenario_with_its_title_and_its_question(call, language):
    outcome = call("scenarios", "list", "--lang", language)
    assert outcome.code == 0
    for name in list_scenarios():
        scenario = load_scenario(name)
        assert name in outcome.out
        assert getattr(scenario.title, language) in outcome.out
        assert getattr(scenario.debate, language)[:20] in outcome.out


@pytest.mark.parametrize("name", list_scenarios())
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_scenario_is_shown_with_every_field(call, name, language):
    outcome = call("scenarios", "show", name, "--lang", language)
    assert outcome.code == 0
    keys = {line.split()[0] for line in outcome.out.splitlines() if line and not line.startswith(" ")}
    shown = {key.partition("[")[0] for key in keys}
    ours = {key for key in field_keys() if key.split(".")[0] not in ("name", "title", "debate", "extends")}
    lists = {"waves", "demand.shocks", "staff.changes", "figures"}
    lists |= {"staff.closures", "staff.shifts", "service.commission_budget_changes"}
    lists |= {"costs.budget_lines", "financing.mutualised.contributors"}
    assert {key for key in ours if not any(key.startswith(f"{part}.") for part in lists)} <= shown


def test_the_reasons_that_a_file_gives_are_said_to_be_in_its_language(call):
    said = "Les raisons des chiffres sont citées telles que le fichier les donne"
    assert said in " ".join(call("scenarios", "show", "choc-chomage").out.split())
    english = call("scenarios", "show", "reference", "--lang", "en").out
    assert "Reasons of numbers are quoted" in " ".join(english.split())


def test_what_a_scenario_changes_of_its_base_comes_first_in_words(call):
    first, debate, title, heading, _, change, others, *rest = call(
        "scenarios", "show", "a-distance"
    ).out.splitlines()
    assert first == "a-distance : À distance d'abord"
    assert debate == load_scenario("a-distance").debate.fr
    assert title == "Ce que « a-distance » change à « central », qu'il étend"
    assert heading.split() == ["sens", "central", "a-distance", "clé"]
    assert change.split() == ["à", "distance", "d'abord", "non", "oui", "service.remote_first"]
    assert others == "Par rapport à un autre : cepsim scenarios diff reference a-distance"
    assert "Tout ce que le scénario contient" in rest
    alone = call("scenarios", "show", "reference").out
    assert "Ce que" not in alone


def test_a_file_that_changes_nothing_of_its_base_says_so(call):
    assert call("scenarios", "new", "essai", "--extends", "central").code == 0
    assert "essai et central ne diffèrent en rien" in call("scenarios", "show", "essai.toml").out


def test_values_are_told_in_words_and_numbers_by_thousands(call):
    shown = call("scenarios", "diff", "reference", "financement-mutualise").out.replace("\u202f", " ")
    assert "40 000 000" in shown
    assert "e+07" not in shown
    assert "regions = toutes" in " ".join(shown.split())
    assert not {"true", "false", "none", "all"} & set(shown.replace(";", " ").split())
    assert "true" in call("scenarios", "diff", "reference", "financement-mutualise", "--lang", "en").out


def said_by(outcome, key: str) -> str:
    return next(line.split()[-1] for line in outcome.out.splitlines() if line.startswith(f"{key} "))


def test_each_value_names_the_scenario_that_says_it(call):
    outcome = call("scenarios", "show", "central")
    assert said_by(outcome, "service.intensity") == "central"
    assert said_by(outcome, "demand.induced") == "premiere-vague"
    assert said_by(outcome, "costs.price_year") == "reference"


def test_a_file_shows_what_it_says_and_what_its_neighbour_says(call, empty_folder):
    assert call("scenarios", "new", "parent", "--extends", "central").code == 0
    assert call("scenarios", "new", "enfant").code == 0
    child = empty_folder / "enfant.toml"
    head = child.read_text(encoding="utf-8").partition("##")[0].replace('"reference"', '"parent"')
    child.write_text(head + '[service]\nintensity = "approfondie"\n', encoding="utf-8")
    outcome = call("scenarios", "show", "./enfant.toml")
    assert said_by(outcome, "service.intensity") == "enfant"
    assert said_by(outcome, "staff.ramp") == "central"


def test_figures_are_shown_with_their_provenance_and_the_overrides_marked(call):
    plain = call("scenarios", "show", "central")
    with_figures = call("scenarios", "show", "central", "--figures")
    tables = load_tables()
    inputs = [id_ for id_ in tables.ids() if tables.figure(id_).addressable]
    lines = with_figures.out[len(plain.out) :].splitlines()
    shown = {line.split()[0]: line for line in lines if line and not line.startswith(" ")}
    assert set(inputs) <= set(shown)
    assert "hypothèse" in shown["operators.opacif.advisers_fte"]
    marked = [id_ for id_ in inputs if shown[id_].rstrip().endswith("oui")]
    assert marked == ["operators.opacif.advisers_fte"]


def test_a_difference_shows_both_values(call):
    outcome = call("scenarios", "diff", "reference", "central")
    line = next(line for line in outcome.out.splitlines() if line.startswith("service.intensity"))
    assert line.split()[-2:] == ["actuelle", "centrale"]
    assert "calendar.years" not in outcome.out


def test_no_difference_is_said_in_words(call):
    outcome = call("scenarios", "diff", "central", "central")
    assert outcome.code == 0
    assert outcome.out == "central et central ne diffèrent en rien qui change un résultat.\n"


def test_the_schema_printed_is_the_one_published(call):
    outcome = call("scenarios", "schema")
    assert outcome.out == (scenarios_folder() / SCHEMA_FILE).read_text(encoding="utf-8")
    assert json.loads(outcome.out)["additionalProperties"] is False


def test_a_new_scenario_is_valid_and_is_not_written_twice(call, empty_folder):
    assert call("scenarios", "new", "essai", "--extends", "central").code == 0
    written = (empty_folder / "essai.toml").read_bytes()
    checked = call("scenarios", "validate", "essai.toml")
    assert (checked.code, checked.out) == (0, "essai.toml : scénario « essai » valide.\n")
    again = call("scenarios", "new", "essai")
    assert again.code == 3
    assert again.err.startswith("Erreur : --out : trouvé « essai.toml », attendu un fichier qui n'existe pas")
    assert (empty_folder / "essai.toml").read_bytes() == written


def test_a_new_scenario_names_the_schema_where_it_lies_beside_it_alone(call):
    line = f"#:schema ./{SCHEMA_FILE}\n"
    assert call("scenarios", "new", "sans").code == 0
    assert "#:schema" not in Path("sans.toml").read_text(encoding="utf-8")
    Path(SCHEMA_FILE).write_text(call("scenarios", "schema").out, encoding="utf-8")
    assert call("scenarios", "new", "avec").code == 0
    assert Path("avec.toml").read_text(encoding="utf-8").startswith(line)
    assert call("scenarios", "validate", "avec.toml").code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("Essai",), "trouvé « Essai »"),
        (("essai", "--extends", "centrale"), "Vouliez-vous dire « central » ?"),
        (("essai", "--out", "autre.toml"), "attendu un fichier nommé « essai.toml »"),
        (("essai", "--out", "essai"), "attendu un fichier nommé « essai.toml »"),
        (("essai", "--out", "nowhere/essai.toml"), "attendu un fichier dans un dossier qui existe"),
    ],
)
def test_a_new_scenario_that_cannot_be_is_refused_and_nothing_is_written(call, empty_folder, words, said):
    outcome = call("scenarios", "new", *words)
    assert (outcome.code, outcome.out) == (3, "")
    assert said in outcome.err
    assert list(empty_folder.iterdir()) == []


@pytest.mark.parametrize("out", [(), ("--out", "elsewhere/central.toml")])
def test_a_new_scenario_never_takes_the_name_of_a_shipped_one(call, empty_folder, out):
    outcome = call("scenarios", "new", "central", *out)
    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err.startswith("Erreur : NOM : trouvé « central », attendu un nom qu'aucun scénario livré")
    assert list(empty_folder.iterdir()) == []


def test_every_problem_of_a_file_is_a_line(call):
    Path("faux.toml").write_text(
        'name = "faux"\ntitle = { fr = "a", en = "b" }\ndebate = { fr = "a", en = "b" }\n'
        '[service]\nintensity = "central"\n[calendar]\nyear = 3\n',
        encoding="utf-8",
    )
    outcome = call("scenarios", "validate", "faux.toml")
    assert (outcome.code, outcome.out) == (3, "")
    first, second = sorted(outcome.err.removeprefix("Erreur : ").splitlines())
    assert first.startswith("faux.toml : calendar.year : trouvé une clé inconnue")
    assert "service.intensity : trouvé « central »" in second
    assert "Vouliez-vous dire « centrale » ?" in second


def test_a_valid_file_says_which_of_its_dates_its_calendar_does_not_reach(call, empty_folder):
    call("scenarios", "new", "tard", "--extends", "universel")
    assert call("scenarios", "validate", "tard.toml").err == ""
    file = empty_folder / "tard.toml"
    head = file.read_text(encoding="utf-8").partition("##")[0]
    file.write_text(f"{head}[calendar]\nyears = 1\nfollow_up_years = 0\n", encoding="utf-8")
    outcome = call("scenarios", "validate", "tard.toml")
    assert (outcome.code, "valide" in outcome.out) == (0, True)
    assert outcome.err.startswith("tard : waves[1] (01/01/2016) après la fin du calcul")


def test_an_unknown_scenario_gets_the_nearest_one(call):
    outcome = call("scenarios", "show", "centrale")
    assert (outcome.code, outcome.out) == (3, "")
    assert "Vouliez-vous dire « central » ?" in outcome.err
    assert outcome.err.count("\n") == 1
