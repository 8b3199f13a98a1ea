"""Scenario objects: derived, compared, written back, described; rules on generated scenarios."""

import json
import pickle
import tempfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cepsim.errors import ScenarioError
from cepsim.labels import labels_under
from cepsim.resources import scenarios_folder
from cepsim.scenario import (
    SCHEMA_FILE,
    FigureOverride,
    Scenario,
    canonical,
    diff,
    field_keys,
    json_schema,
    load_scenario,
    to_toml,
)
from cepsim.scenario.load import settings
from cepsim.scenario.merge import leaves
from cepsim.scenario.vocabulary import (
    IN_WORK,
    INTENSITIES,
    JOB_SEEKERS,
    OPERATORS,
    PUBLICS,
    SCHOOL_LEAVERS,
    TEAMS,
)
from cepsim.tables import load_tables

INDUCED = "demand.all.cep.induced_demand_at_full_awareness"
TABLES = load_tables()
# Figures that no group ties to others, so that any may be overridden alone.
FREE_FIGURES = [i for i in TABLES.ids("unit_costs") if TABLES.figure(i).addressable]
LAUNCH = date(2015, 1, 1)


@pytest.fixture(scope="module")
def central() -> Scenario:
    return load_scenario("central")


# --- generated scenarios -----------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=("C",)), min_size=1, max_size=40).filter(str.strip)
regions = st.just("all") | st.lists(
    st.sampled_from([region.code for region in TABLES.regions]), min_size=1, max_size=4, unique=True
)
days = st.dates(LAUNCH, LAUNCH + timedelta(days=2000))
waves = st.fixed_dictionaries(
    {"publics": st.lists(st.sampled_from(PUBLICS), min_size=1, max_size=5, unique=True)},
    optional={
        "regions": regions,
        "from_date": days,
        "job_seekers": st.sampled_from(["registered", "all"]),
    },
)
changes = st.fixed_dictionaries(
    {
        "operator": st.sampled_from(OPERATORS),
        "team": st.sampled_from(TEAMS),
        "from_date": days,
        "etp": st.floats(-50_000, 50_000).filter(bool),
        "regions": regions,
        "character": st.sampled_from(["redeployed", "new"]),
        "reason": texts,
    }
)


@st.composite
def overrides(draw: st.DrawFn) -> dict[str, object]:
    figures = {}
    for id_ in draw(st.lists(st.sampled_from(FREE_FIGURES), max_size=3, unique=True)):
        figure = TABLES.figure(id_)
        low, mode, high = sorted(draw(st.tuples(*[st.floats(figure.low, figure.high)] * 3)))
        why = draw(st.sampled_from(["reason", "source"]))
        figures[id_] = {"low": low, "mode": mode, "high": high, why: draw(texts)}
    return figures


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    words = {"fr": draw(texts), "en": draw(texts)}
    return Scenario.model_validate(
        {
            "name": draw(st.from_regex(r"[a-z0-9]{1,9}(-[a-z0-9]{1,9}){0,3}", fullmatch=True)),
            "title": words,
            "debate": words,
            "calendar": {"launch_date": LAUNCH, "years": draw(st.integers(1, 10))},
            "waves": draw(st.lists(waves, max_size=3)),
            "demand": {"publics_with_base_demand": PUBLICS, "induced": draw(st.booleans())},
            "service": {"intensity": draw(st.sampled_from(INTENSITIES))},
            "staff": {"changes": draw(st.lists(changes, max_size=2))},
            "norm": {"quantile": draw(st.floats(0, 1, exclude_min=True, exclude_max=True))},
            "figures": draw(overrides()),
        }
    )


@given(scenarios())
def test_a_scenario_written_and_read_again_is_the_same(scenario):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{scenario.name}.toml"
        path.write_text(to_toml(scenario), encoding="utf-8")
        again = load_scenario(path, tables=TABLES)
    assert canonical(again) == canonical(scenario)
    assert again == scenario
    assert diff(scenario, again) == []


@given(scenarios(), scenarios())
def test_two_scenarios_have_the_same_canonical_text_exactly_when_nothing_differs(a, b):
    assert (canonical(a) == canonical(b)) == (diff(a, b) == [])


@given(scenarios(), scenarios())
def test_deriving_by_the_differences_gives_the_other_scenario(a, b):
    changes = {key: right for key, _, right in diff(a, b) if right is not None}
    kept = set(a.figures) - set(b.figures)  # a derived scenario cannot drop an override
    assert [key for key, _, _ in diff(a.derive(changes, tables=TABLES), b)] == [
        f"figures.{id_}" for id_ in a.figures if id_ in kept
    ]


@given(scenarios(), st.sampled_from(PUBLICS), st.booleans())
def test_one_more_wave_never_delays_anyone(scenario, public, registered):
    fewer = scenario.derive({"waves": [w.model_dump() for w in scenario.waves[1:]]}, tables=TABLES)
    for region in ("53", "01"):
        before = fewer.admitted_from(public, region, registered=registered)
        after = scenario.admitted_from(public, region, registered=registered)
        assert before is None or (after is not None and after <= before)


# --- derive ------------------------------------------------------------------------------------------


def test_a_derived_scenario_differs_by_its_overrides_alone(central):
    later = central.derive({"calendar.launch_date": date(2015, 7, 1), "service.intensity": "approfondie"})
    assert diff(central, later) == [
        ("calendar.launch_date", date(2015, 1, 1), date(2015, 7, 1)),
        ("service.intensity", "centrale", "approfondie"),
    ]
    assert (later.name, later.extends, later.title) == ("central-variante", "central", central.title)
    assert central.calendar.launch_date == date(2015, 1, 1)


def test_a_bare_number_for_a_figure_is_held_for_sure_and_says_why(central):
    derived = central.derive({f"figures.{INDUCED}": 0.5}, name="fort", reason="upper end of the debate")
    assert derived.figures[INDUCED] == FigureOverride(
        low=0.5, mode=0.5, high=0.5, reason="upper end of the debate"
    )
    assert central.derive({f"figures.{INDUCED}": 0}).figures[INDUCED].reason == "override"
    assert derived.name == "fort"


def test_a_range_for_a_figure_is_taken_as_given(central):
    wide = FigureOverride(low=0, mode=0.5, high=1, source="survey")
    for value in (wide, wide.model_dump()):
        assert central.derive({f"figures.{INDUCED}": value}).figures == central.figures | {INDUCED: wide}


@pytest.mark.parametrize(
    ("key", "value", "part"),
    [
        ("service.intensty", "centrale", 'Did you mean "intensity"?'),
        ("service.intensity", "centrales", 'Did you mean "centrale"?'),
        ("calendar.years", 3.5, "expected a whole number"),
        ("norm.quantile", float("nan"), "expected a finite number"),
        (f"figures.{INDUCED}", float("inf"), "expected a finite number"),
        (f"figures.{INDUCED}", 1.5, "from 0 to 1"),
        ("figures.demand.all.cep.nothing", 1, "expected the id of a figure"),
        ("waves.0.regions", ["53"], "expected a list"),
        ("figures", {"a": 1}, "expected the id of an input figure"),
        ("", 1, "an unknown key"),
    ],
)
def test_a_wrong_override_is_refused_like_a_wrong_line(central, key, value, part):
    with pytest.raises(ScenarioError) as caught:
        central.derive({key: value})
    assert part in str(caught.value)
    assert str(caught.value).startswith("central with overrides: ")


def test_figures_are_checked_against_the_tables_given(central):
    id_ = FREE_FIGURES[0]
    fewer = replace(TABLES, figures={i: figure for i, figure in TABLES.figures.items() if i != id_})
    assert id_ in central.derive({f"figures.{id_}": TABLES.figure(id_).mode}).figures
    with pytest.raises(ScenarioError, match="expected the id of a figure"):
        central.derive({f"figures.{id_}": 1}, tables=fewer)


# --- admission ---------------------------------------------------------------------------------------


def test_the_earliest_wave_that_holds_a_person_admits_him(central):
    pilots = {"publics": ["salaries_cdi", "de_autres"], "regions": ["53"], "job_seekers": "all"}
    everyone = {"publics": ["salaries_cdi", "de_autres"], "from_date": date(2016, 1, 1)}
    scenario = central.derive({"waves": [everyone, pilots]})
    assert scenario.admitted_from("salaries_cdi", "53", registered=False) == date(2015, 1, 1)
    assert scenario.admitted_from("salaries_cdi", "24", registered=False) == date(2016, 1, 1)
    assert scenario.admitted_from("de_autres", "53", registered=False) == date(2015, 1, 1)
    assert scenario.admitted_from("de_autres", "24", registered=True) == date(2016, 1, 1)
    assert scenario.admitted_from("de_autres", "24", registered=False) is None


def test_a_wave_without_date_follows_the_launch(central):
    later = central.derive({"calendar.launch_date": date(2015, 7, 1)})
    assert later.admitted_from("salaries_cdi", "53", registered=False) == date(2015, 7, 1)


# --- what others rely on -----------------------------------------------------------------------------


def test_a_scenario_cannot_be_changed_and_travels_between_processes(central):
    with pytest.raises(ValidationError, match="frozen"):
        central.service.intensity = "actuelle"
    assert pickle.loads(pickle.dumps(central)) == central  # noqa: S301 - our own bytes


def test_names_and_words_do_not_enter_the_canonical_text(central):
    renamed = central.derive({"title": {"fr": "Autre", "en": "Other"}}, name="autre")
    assert canonical(renamed) == canonical(central)
    assert renamed != central


def test_the_canonical_text_is_json_with_sorted_keys(central):
    content = json.loads(canonical(central))
    assert list(content) == sorted(content)
    assert content["calendar"]["launch_date"] == "2015-01-01"


def test_the_publics_of_the_vocabulary_are_those_of_the_tables():
    stocks = TABLES.frame("publics").query("category == 'stock'")["public"]
    assert list(stocks) == [*IN_WORK, *JOB_SEEKERS]
    assert (*IN_WORK, *JOB_SEEKERS, SCHOOL_LEAVERS) == PUBLICS


def test_the_figure_of_the_norm_is_in_working_days(central):
    assert TABLES.figure(central.norm.figure).unit == "working_days"


def test_the_published_schema_is_current():
    published = (scenarios_folder() / SCHEMA_FILE).read_text(encoding="utf-8")
    assert json.loads(published) == json_schema(), f"run: cepsim scenarios schema > scenarios/{SCHEMA_FILE}"


def test_every_field_has_a_title_and_a_description():
    schema = json_schema()
    for part in (schema, *schema["$defs"].values()):
        for name, field in part["properties"].items():
            described = schema["$defs"][field["$ref"].split("/")[-1]] | field if "$ref" in field else field
            assert described.get("title"), name
            assert described.get("description"), name


def test_field_keys_are_those_of_a_whole_scenario(central):
    keys = set(field_keys())
    assert {"service.intensity", "staff.productivity.learning", "waves.publics", "figures.reason"} <= keys
    assert {key for key, _, _ in diff(load_scenario("reference"), central)} - {"waves"} <= keys


def test_every_key_that_two_scenarios_can_differ_by_has_a_label():
    fields = [key for key in leaves(settings(load_scenario("reference"))) if not key.startswith("figures.")]
    assert list(labels_under("scenario")) == [*fields, "figures"]


# --- what came after November 2013 -------------------------------------------------------------------

LATER = {"low": 270.0, "mode": 330.0, "high": 420.0, "reason": "read in 2017", "vintage": "ex_post"}
LATER_POSTS = {
    "operator": "apec",
    "from_date": date(2016, 1, 1),
    "etp": 30.0,
    "character": "redeployed",
    "reason": "read in 2017",
    "vintage": "ex_post",
}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"figures.operators.opacif.advisers_fte": LATER}, r"figures\..*vintage"),
        ({"staff.changes": [LATER_POSTS]}, r"staff\.changes\[0\]\.vintage"),
    ],
)
def test_what_was_known_after_2013_feeds_a_scenario_that_says_so_and_no_other(change, place):
    central = load_scenario("central")
    with pytest.raises(ScenarioError, match=place):
        central.derive(change)
    assert central.derive({"status": "ex_post", **change}).status == "ex_post"


def test_a_child_of_what_happened_may_not_call_itself_knowable_in_2013():
    with pytest.raises(ScenarioError, match="vintage"):
        load_scenario("constate").derive({"status": "ex_ante"})


def test_a_figure_put_by_what_happened_is_dated_after_the_fact_and_remains_an_input():
    constate, id_ = load_scenario("constate"), "operators.opacif.advisers_fte"
    known = load_tables()
    used = known.with_overrides(constate.figures)
    assert (used.figure(id_).vintage, known.figure(id_).vintage) == ("ex_post", "ex_ante")
    assert used.figure(id_).addressable
    assert used.inputs("operators") == known.inputs("operators")
    assert load_scenario("central").figures[id_].vintage == "ex_ante"
