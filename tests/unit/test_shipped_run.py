"""What is true of every shipped scenario, and of what happened."""

from datetime import date

import numpy as np
import pytest
from deployments import scenario, tables
from worlds import SEED, SHORT, deployed

from cepsim.engine import compiled_engine, simpy_engine
from cepsim.experiment.pipeline import warm_up_scenario
from cepsim.people.population_tape import draw_people
from cepsim.scenario import diff, list_scenarios
from cepsim.scenario.vocabulary import (
    PUBLICS,
)

# -- both engines --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a-distance", "bilan-module", "conseil-separe-du-financeur"])
def test_both_engines_give_the_same_trace(name):
    where = deployed(name, *SHORT)
    _, of = draw_people(where, seed=SEED, replication=0)
    of = of.take(np.flatnonzero(of.arrival >= 0)[:1500])
    (one, left), (other, rest) = (
        run(where.network, of, None, 0, where.horizon.observed)
        for run in (compiled_engine.run, simpy_engine.run)
    )
    assert one.equals(other)
    assert left.equals(rest)


# -- constate ------------------------------------------------------------------------------------------


def test_what_happened_is_the_first_wave_of_nine_years_and_differs_by_what_was_published():
    assert {key for key, _, _ in diff(scenario("premiere-vague"), scenario("constate"))} == {
        "status",
        "calendar.years",
        "waves",
        "demand.publics_with_base_demand",
        "demand.publics_who_wait_for_admission",
        *(f"figures.operators.{operator}.advisers_fte" for operator in ("opacif", "apec", "cap_emploi")),
    }
    found = scenario("constate")
    for public in PUBLICS:
        before = scenario("premiere-vague").admitted_from(public, "53", registered=True)
        expected = date(2020, 1, 1) if public == "independants" else before
        assert found.admitted_from(public, "53", registered=True) == expected


@pytest.mark.parametrize("operator", ["opacif", "apec", "cap_emploi"])
def test_staff_as_it_happened_is_that_of_the_tables_and_is_dated_after_the_fact(operator):
    later = tables().figure(f"operators.{operator}.advisers_fte@ex_post")
    put = scenario("constate").figures[f"operators.{operator}.advisers_fte"]
    assert (put.low, put.mode, put.high) == (later.low, later.mode, later.high)
    assert put.vintage == later.vintage == "ex_post"
    assert put.source


def test_of_the_shipped_scenarios_that_of_what_happened_alone_is_dated_after_the_fact():
    assert [name for name in list_scenarios() if scenario(name).status == "ex_post"] == ["constate"]


def test_the_year_before_launch_has_the_staff_of_what_happened():
    world = warm_up_scenario(scenario("constate"), tables())
    assert world.status == "ex_post"
    assert world.figures["operators.opacif.advisers_fte"].mode == 330
