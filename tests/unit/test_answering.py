"""Questions of the note: the scenarios that answer are found by what they set, whatever they are called."""

from functools import cache

import pytest
from deployments import scenario, tables

from cepsim.report.answering import SETTINGS, alone, opens_everywhere_at_launch, pair
from cepsim.report.questions import QUESTIONS
from cepsim.scenario import list_scenarios

COMPARED = [q.name for q in QUESTIONS if q.kind == "compare" and not q.of_main]


@cache
def shipped():
    return ["reference", *(name for name in list_scenarios() if name != "reference")]


def _named(name: str, base: str, **changes):
    values = {key.replace("__", "."): value for key, value in changes.items()}
    return scenario(base).derive(values, name=name, tables=tables())


@pytest.mark.parametrize("name", COMPARED)
def test_of_all_that_is_shipped_each_question_takes_two_scenarios_that_differ_by_its_key_alone(name):
    setting = SETTINGS[name]
    found = pair([scenario(each) for each in shipped()], setting)
    assert (found.scenario.name, found.base.name) == setting.shipped
    assert found.besides == ()


@pytest.mark.parametrize("name", COMPARED)
def test_scenarios_under_other_names_answer_as_those_that_they_rename(name):
    of, base = (
        scenario(each).derive({}, name=f"mon-{each}", tables=tables()) for each in SETTINGS[name].shipped
    )
    found = pair([scenario("reference"), base, of], SETTINGS[name])
    assert (found.scenario, found.base, found.besides) == (of, base, ())


def test_a_scenario_that_goes_further_answers_and_what_else_it_changes_is_told():
    mine = _named("mien", "a-distance", service__referent=True, norm__quantile=0.8)
    found = pair([scenario("reference"), scenario("central"), mine], SETTINGS["remote"])
    assert (found.scenario, found.base.name) == (mine, "central")
    assert set(found.besides) == {"service.referent", "norm.quantile"}


def test_of_two_that_set_the_same_the_nearer_pair_answers():
    further = _named("loin", "a-distance", service__referent=True)
    found = pair([scenario("central"), further, scenario("a-distance")], SETTINGS["remote"])
    assert found.scenario.name == "a-distance"


def test_the_reference_is_no_base_and_nobody_answers_where_no_scenario_sets_the_key():
    assert pair([scenario("reference"), scenario("a-distance")], SETTINGS["remote"]) is None
    assert pair([scenario("reference"), scenario("central")], SETTINGS["remote"]) is None


def test_a_question_of_one_scenario_takes_the_nearest_to_the_main_one():
    mine = _named("universel-loin", "universel", service__referent=True)
    scenarios = [scenario("reference"), scenario("central"), mine, scenario("universel")]
    assert alone(scenarios, SETTINGS["self_employed"], "central").name == "universel"
    assert alone(scenarios[:3], SETTINGS["self_employed"], "central") is mine
    assert alone(scenarios[:2], SETTINGS["self_employed"], "central") is None
    free = _named("gratuit", "cpf", financing__cpf_short="usual_payers")
    assert alone([scenario("central"), free], SETTINGS["excluded_by_cpf"], "central") is None


def test_an_experiment_says_nothing_where_all_regions_open_at_launch():
    pilots = scenario("regions-pilotes")
    assert opens_everywhere_at_launch(pilots, ["53", "24"])
    assert not opens_everywhere_at_launch(pilots, ["53", "94"])
