"""The dossier says what the model is: a text of it that the model has left fails here."""

import ast
import importlib
import re
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from dossiers import facts_of, written_run

import cepsim.laws
from cepsim.labels import LANGUAGES, all_labels, label, labels_under
from cepsim.people.stations import EXITS
from cepsim.people.tape import PURPOSES
from cepsim.report.dossier import PRINTED, checklist, dossier
from cepsim.report.dossier_facts import FAMILIES
from cepsim.report.dossier_figures import QUALITIES, WIDTHS
from cepsim.report.dossier_items import CHECKLISTS, ITEMS, LEVELS, STATES
from cepsim.report.dossier_model import diagram, leads_to
from cepsim.scenario import load_scenario
from cepsim.scenario.vocabulary import OPERATORS, PUBLICS, STAGES

ROOT = Path(__file__).resolve().parents[2]
ROWS = [(name, item) for name in CHECKLISTS for item in ITEMS[name]]
NAMED = pytest.mark.parametrize(("name", "item"), ROWS, ids=[f"{name} {item.key}" for name, item in ROWS])
#: Places that are filled by who asks for the text, and not by a fact of the run.
GIVEN = {
    "item_count",
    "states",
    "limit",
    "outcome",
    "low",
    "high",
    "files",
    "folder",
    "written_by",
    "name",
    "count",
}
#: Answers in which nothing is left to fill: nothing of the run bears on them.
FIXED = {("ispor", "generality"), ("ispor", "funding")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return written_run(tmp_path_factory.mktemp("dossier") / "a-run")


@pytest.fixture(scope="module")
def facts(folder):
    return facts_of(folder)


def places(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def answers(facts, name="stress"):
    return {item.key: row[3] for item, row in zip(ITEMS[name], checklist(facts, name).rows, strict=True)}


@cache
def defined_in(file):
    path = ROOT / file
    body = ast.parse(path.read_text(encoding="utf-8")).body if path.suffix == ".py" else []
    return frozenset(node.name for node in body if isinstance(node, ast.FunctionDef))


# -- the checklists ------------------------------------------------------------------------------------


def test_stress_des_has_its_24_rows_and_the_derived_checklist_its_18():
    parts = {"1": 3, "2": 4, "2.5": 5, "3": 4, "4": 3, "5": 4, "6": 1}
    codes = [f"{part}.{n}" for part, most in parts.items() for n in range(1, most + 1)]
    assert sorted(item.code for item in ITEMS["stress"]) == sorted(codes)
    assert len(codes) == 24
    assert [item.code for item in ITEMS["ispor"]] == [str(n) for n in range(1, 19)]


def test_the_levels_of_rap_have_five_nine_and_four_rows():
    assert [sum(item.code == level for item in ITEMS["rap"]) for level in LEVELS] == [5, 9, 4]


def test_two_rows_of_the_derived_checklist_take_people_and_say_so(facts):
    table = checklist(facts, "ispor")
    people = [row[0] for row in table.rows if row[2] == label("dossier.state.people")]
    assert people == ["11", "16"]
    assert f"{label('dossier.state.people')} : 2" in table.note


@NAMED
def test_what_shows_a_row_exists(name, item):
    for span in item.evidence:
        file, _, test = span.partition("::")
        assert (ROOT / file).exists(), (name, span)
        if test:
            assert test in defined_in(file), span
    assert item.evidence or item.state in ("no", "people")


@NAMED
def test_an_answer_is_filled_from_the_model(facts, name, item):
    text = label(f"dossier.{name}.{item.key}.answer")
    assert bool(places(text)) == ((name, item.key) not in FIXED)
    assert places(text) <= set(facts.values)


def test_labels_are_those_of_the_rows_in_their_order():
    for name in CHECKLISTS:
        keys = [key.partition(".")[0] for key in labels_under(f"dossier.{name}") if key.endswith(".answer")]
        assert keys == [item.key for item in ITEMS[name]]
    assert tuple(labels_under("dossier.state")) == STATES
    assert tuple(labels_under("dossier.level")) == LEVELS


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_holds_a_number_of_its_own(language):
    texts = {key: text for key, text in all_labels(language).items() if key.startswith("dossier.")}
    assert [key for key, text in texts.items() if re.search(r"\d", re.sub(r"\{\w+\}", "", text))] == []


def test_every_place_is_a_fact_and_every_fact_has_its_place(facts):
    texts = [text for key, text in all_labels("fr").items() if key.startswith("dossier.")]
    assert set().union(*map(places, texts)) - GIVEN == set(facts.values)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_is_told_in_either_language(folder, language):
    tables = dossier(facts_of(folder, language))
    assert len({table.key for table in tables}) == len(tables)
    assert set(PRINTED) <= {table.key for table in tables}
    for table in tables:
        assert table.rows
        assert all(len(row) == len(table.columns) for row in table.rows)
        assert not any("{" in text and "[" not in text for row in table.rows for text in row)


# -- the run -------------------------------------------------------------------------------------------


def test_another_run_is_told_otherwise(facts, tmp_path):
    other = facts_of(
        written_run(tmp_path / "b-run", ["premiere-vague"], replications=5, seed=99, years=2, sample=10)
    )
    one, two = answers(facts), answers(other)
    assert "94 --years 1 --follow-up 0 --replications 1 --seed 7" in one["sharing"]
    assert "94 --years 2 --follow-up 0 --replications 5 --seed 99 --sample 10" in two["sharing"]
    for key in ("aims", "entities", "initialisation", "run_length", "estimation", "sampling"):
        assert one[key] != two[key]
    states = [
        next(row[2] for row in checklist(of, "stress").rows if row[0] == "4.3") for of in (facts, other)
    ]
    assert states == [label("dossier.state.partly"), label("dossier.state.yes")]


def test_a_scenario_that_changes_the_model_changes_its_text(facts, tmp_path):
    changes = {"service.overflow": True, "service.informing_actors": ["mife"]}
    derived = load_scenario("central").derive(changes, name="other")
    other = facts_of(written_run(tmp_path / "c-run", [derived]))
    for name in ("choice_count", "station_count", "queue_count"):
        assert int(other.values[name]) > int(facts.values[name])
    assert int(other.values["differing_keys"]) == int(facts.values["differing_keys"]) + len(changes)


def test_numbers_are_those_of_the_compiled_network_and_of_the_frames(facts):
    of = facts.deployments["central"]
    assert facts.values["queue_count"] == str(of.network.queue_count)
    assert facts.values["team_count"] == str(of.network.team_count)
    assert facts.values["publics"].split(", ") == [label(f"public.{public}") for public in PUBLICS]
    assert facts.values["stages"].split(" → ") == [label(f"stage.{stage}") for stage in STAGES]
    assert all(label(f"operator.{operator}") in facts.values["operators"] for operator in OPERATORS)
    marks = [facts.values[name] for name in ("mark_count", "marks_inside", "free_count", "free_inside")]
    assert marks == ["2", "1", "1", "0"]


def test_a_run_held_against_what_happened_says_so(facts, tmp_path):
    held = written_run(tmp_path / "d-run")
    (held / "backtest").mkdir()
    states = [checklist(of, "ispor").rows[13][2] for of in (facts, facts_of(held))]
    assert states == [label("dossier.state.partly"), label("dossier.state.yes")]


# -- what the texts list -------------------------------------------------------------------------------


def drawn_by_people():
    """Names of the draws that the code of `cepsim.people` makes for a person, as their first argument."""
    found = set()
    for path in (ROOT / "cepsim" / "people").glob("*.py"):
        module = importlib.import_module(f"cepsim.people.{path.stem}")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            given = list(node.args)
            if getattr(node.func, "id", "") == "partial" and getattr(given[0], "attr", "") == "pick":
                method, given = "pick", given[1:]
            if method in ("below", "pick", "uniform"):
                found |= named(given[0], module, path)
            if getattr(node.func, "id", "") in ("stream_words", "stream_key"):
                found |= {
                    of.value for of in given if isinstance(of, ast.Constant) and isinstance(of.value, str)
                }
    return found


def named(given, module, path):
    if isinstance(given, ast.Constant):
        return {given.value}
    value = getattr(module, given.id, None) if isinstance(given, ast.Name) else None
    if isinstance(value, str):
        return {value}
    # a name of a loop: the constants, or the names, that it runs over
    loops = [
        node.iter.elts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.comprehension)
        and getattr(node.target, "id", "") == getattr(given, "id", None)
        and isinstance(node.iter, ast.Tuple)
    ]
    return {name for elements in loops for element in elements for name in named(element, module, path)}


def test_every_draw_of_a_person_is_in_the_table_of_draws_and_no_other():
    # keys of what is no person's: advisers on duty, visits, and hand-built networks
    others = {"", "duty", "visits", "arrivals", "by hand"}
    told = set(labels_under("dossier.draw"))
    assert drawn_by_people() - others == told - {"position", "level"}
    demand = (ROOT / "cepsim" / "people" / "demand.py").read_text(encoding="utf-8")
    assert 'purpose in ("position", "level")' in demand


def test_every_draw_of_a_visit_is_in_the_table_of_draws():
    assert tuple(labels_under("dossier.visit_draw")) == PURPOSES


def test_the_families_of_laws_are_those_that_people_s_durations_are_made_of():
    made = {
        alias.name
        for path in (ROOT / "cepsim" / "people").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "cepsim.laws"
        for alias in node.names
        if alias.name.islower() and "-> Law" in source_of(alias.name)
    }
    assert made == set(FAMILIES)


def source_of(name):
    text = Path(cepsim.laws.__file__).read_text(encoding="utf-8")
    found = re.search(rf"def {name}\(.*\) -> \w+", text)
    return found.group(0) if found else ""


def test_paths_are_those_of_the_network(facts):
    ways = leads_to(facts.deployments["central"])
    assert {"telephone", "accueil", "conseil", "formalisation", "ingenierie", "dossier"} <= set(ways)
    assert "conseil" in ways["accueil"]["served"]
    # nobody waits for a file, and nobody is awaited there
    assert (ways["dossier"]["lost"], ways["dossier"]["no_show"]) == ((), ())
    assert ways["commission_cdi"]["lost"] == ("refused",)
    everywhere = {to for of in ways.values() for route in of.values() for to in route}
    assert everywhere <= {*ways, *EXITS}
    assert "  accueil --> conseil\n" in diagram(facts)


# -- hypotheses ----------------------------------------------------------------------------------------


def test_hypotheses_are_the_least_sure_first_and_none_is_said_to_be_measured(facts):
    table = next(table for table in dossier(facts) if table.key == "hypotheses")
    quality = [row[6] for row in table.rows]
    rank = {label(f"confidence.{name}"): place for place, name in enumerate(QUALITIES)}
    assert [rank[of] for of in quality] == sorted(rank[of] for of in quality)
    assert {row[8] for row in table.rows} == {label("dossier.not_measured")}
    induced = next(row for row in table.rows if row[0].endswith("induced_demand_at_full_awareness"))
    figure = facts.run.plan.tables.figure(induced[0])
    assert [float(text) for text in induced[2:5]] == [figure.low, figure.mode, figure.high]


def test_what_a_sensitivity_analysis_measures_takes_its_place(folder):
    id_ = "operators.opacif.advisers_fte"
    facts = facts_of(folder, impacts={id_: "a lot"})
    tables = {table.key: table for table in dossier(facts)}
    assert [row[8] for row in tables["hypotheses"].rows if row[0] == id_] == ["a lot"]
    assert tables["ispor"].rows[9][2] == label("dossier.state.yes")
    measured = [row[-2] for row in tables["impact_quality"].rows]
    assert sorted(measured) == ["0", "0", "0", "1"]


def test_each_hypothesis_is_in_one_cell_of_the_table_of_impact_and_quality(facts):
    tables = {table.key: table for table in dossier(facts)}
    cells = [[int(text) for text in row[1:]] for row in tables["impact_quality"].rows]
    assert all(sum(row[:-2]) == row[-1] for row in cells)
    assert sum(row[-1] for row in cells) == len(tables["hypotheses"].rows)
    assert len(cells[0]) == len(WIDTHS) + 4


def test_a_figure_that_scenarios_replace_has_a_row_a_value_with_their_names(tmp_path):
    id_ = "operators.opacif.advisers_fte"
    derived = load_scenario("central").derive({f"figures.{id_}": 300.0}, name="other")
    facts = facts_of(written_run(tmp_path / "e-run", [derived]))
    rows = facts.used[facts.used["id"] == id_]
    # `reference` replaces it as well
    assert list(rows["scenario"]) == ["reference", "other"]
    assert list(rows["mode"]) == [275.0, 300.0]
    assert facts.values["override_count"] == "1"
