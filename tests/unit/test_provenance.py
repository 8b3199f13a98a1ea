"""Every figure that a scenario uses is listed, with where it enters, and none that it does not use."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from cepsim.errors import CheckFailed
from cepsim.experiment import provenance as module
from cepsim.experiment.provenance import ReadTables, provenance
from cepsim.scenario import load_scenario
from cepsim.tables import load_tables

REGIONS = ["94"]


@pytest.fixture(scope="module")
def tables():
    return load_tables()


@pytest.fixture(scope="module")
def scenario(tables):
    changes = {"figures.unit_costs.recruitment_cost.all": 4000.0}
    return load_scenario("central", tables=tables).derive(changes, tables=tables)


@pytest.fixture(scope="module")
def found(scenario, tables):
    return provenance(scenario, regions=REGIONS, tables=tables).set_index("id")


def test_a_figure_is_listed_with_its_range_its_source_and_the_modules_that_read_it(found, tables):
    figure = tables.figure("demand.all.cep.induced_demand_at_full_awareness")
    row = found.loc[figure.id]
    assert (row["low"], row["mode"], row["high"], row["unit"]) == (
        figure.low,
        figure.mode,
        figure.high,
        figure.unit,
    )
    assert (row["confidence"], row["vintage"], row["use"]) == ("hypothesis", "ex_ante", "input")
    assert row["enters"] == "people.demand"
    assert found.loc["unit_costs.annual_working_hours.legal", "enters"] == (
        "costing.posts, costing.prices, people.staffing"
    )


def test_the_figures_of_every_step_from_people_to_costs_are_listed(found):
    steps = {name.split(".")[0] for enters in found["enters"] for name in enters.split(", ")}
    # the norm is held against what is offered where a run's results are
    assert steps == {"tables", "people", "costing", "indicators", "experiment"}


def test_what_the_scenario_replaced_says_so_and_nothing_else_does(found, scenario):
    assert found["overridden"].sum() == len(scenario.figures) == 2
    row = found.loc["unit_costs.recruitment_cost.all"]
    assert (row["mode"], row["confidence"], row["overridden"]) == (4000.0, "hypothesis", True)


def test_a_figure_that_nothing_reads_is_not_listed(found, tables):
    unread = "calendar.information_collective_share.actuelle"
    assert tables.figure(unread).addressable
    assert unread not in found.index
    assert not any(id_.startswith(("cep_realised.", "national.")) for id_ in found.index)


def test_no_shipped_figure_that_feeds_a_scenario_of_2013_came_later(found):
    later = found[found["vintage"] == "ex_post"]
    assert set(later["use"]) == {"check"}
    assert all(enters == "indicators.marks" for enters in later["enters"])


def test_a_scenario_of_2013_fed_a_later_figure_is_refused(scenario, tables, monkeypatch):
    id_ = "unit_costs.overhead_rate.all"
    later = {**tables.figures, id_: replace(tables.figure(id_), vintage="ex_post")}
    noting = ReadTables.of(replace(tables, figures=MappingProxyType(later)))
    noting.figure(id_)
    monkeypatch.setattr(module, "deploy", lambda *_: None)
    monkeypatch.setattr(module, "plan", lambda *_, **__: None)
    monkeypatch.setattr(module, "run_scenarios", lambda *_, **__: Nothing())
    monkeypatch.setattr(ReadTables, "of", classmethod(lambda *_: noting))
    with pytest.raises(CheckFailed, match=f"November 2013: {id_}$"):
        provenance(scenario, regions=REGIONS, tables=tables)
    known_later = scenario.derive({"status": "ex_post"}, tables=tables)
    assert list(provenance(known_later, regions=REGIONS, tables=tables)["id"]) == [id_]


class Nothing:
    def frames(self):
        return {}


def test_tables_that_note_what_is_read_say_the_same_as_those_that_do_not(tables):
    noting = ReadTables.of(tables)
    of = {"population": "salaries", "operator": "opacif", "intensity": "centrale"}
    assert noting.stage("accueil", "duration", **of) == tables.stage("accueil", "duration", **of)
    assert noting.stage("accueil", "nothing of that name", **of) is None
    asked = ("salaries_cdi", "stock", "information_contacts")
    assert noting.demand(*asked) == tables.demand(*asked)
    # of three look-ups two found something, by this module
    assert [*noting.readers.values()] == [{__name__}] * 2


def test_a_row_of_another_vintage_is_no_input(tables):
    inputs, every = tables.inputs("market_shares"), tables.ids("market_shares")
    assert set(inputs) < set(every)
    assert all(tables.figure(id_).addressable == (id_ in inputs) for id_ in every)
