"""Scenarios that are the same until a day: one past is simulated, and results are those from launch."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from stored import same

from cepsim.cli import main
from cepsim.errors import UsageError
from cepsim.experiment import pipeline, plan, run_scenarios
from cepsim.experiment.plan import Plan
from cepsim.experiment.store import Store
from cepsim.scenario import load_scenario
from cepsim.tables import load_tables

DAY = date(2015, 9, 1)
#: A region with the national telephone platform, and one without.
REGIONS = ("74", "94")
SECONDS_A_DAY = 86_400
SECOND = (DAY - date(2015, 1, 1)).days * SECONDS_A_DAY


@pytest.fixture(scope="module")
def tables():
    return load_tables()


@pytest.fixture(scope="module")
def trunk(tables):
    return load_scenario("central", tables=tables)


def _more_staff(trunk, tables, when):
    change = {
        "operator": "opacif",
        "from_date": when,
        "etp": 12.0,
        "regions": list(REGIONS),
        "character": "new",
        "reason": "a test",
    }
    return trunk.derive({"staff.changes": [change]}, name="more-staff", tables=tables)


def _layoffs(trunk, tables, when):
    shock = {
        "publics": ["salaries_cdi"],
        "regions": ["94"],
        "from_date": when,
        "until": date(2015, 12, 1),
        "change": 0.5,
        "reason": "a test",
    }
    return trunk.derive({"demand.shocks": [shock]}, name="layoffs", tables=tables)


def _closure(trunk, tables, when):
    closure = {
        "operator": "cap_emploi",
        "heir": "pole_emploi",
        "from_date": when,
        "posts": "end",
        "regions": list(REGIONS),
        "reason": "a test",
    }
    return trunk.derive({"staff.closures": [closure]}, name="closure", tables=tables)


def _planned(scenarios, tables, *, regions=REGIONS, **more) -> Plan:
    given = {"replications": 1, "years": 1, "follow_up_years": 0, "seed": 5, "tables": tables}
    return plan(scenarios, regions=regions, **{**given, **more})


@pytest.fixture(scope="module")
def scenarios(trunk, tables):
    return [trunk, _more_staff(trunk, tables, DAY), _layoffs(trunk, tables, DAY)]


@pytest.fixture(scope="module")
def from_launch(scenarios, tables):
    """Each scenario run on its own, from launch."""
    return run_scenarios(_planned(scenarios, tables), workers=1)


def _alike(found, expected) -> bool:
    return all(
        same(one, other)
        for name in expected.plan.asked
        for one, other in zip(found.measured[name], expected.measured[name], strict=True)
    )


def _steps(monkeypatch) -> list[tuple[int, int]]:
    """The seconds between which an engine runs, from launch on."""
    found, engine = [], pipeline.engine

    def noting(name):
        run = engine(name)

        def noted(network, tape, state, begin, end):
            if begin >= 0:
                found.append((begin, end))
            return run(network, tape, state, begin, end)

        return noted

    monkeypatch.setattr(pipeline, "engine", noting)
    return found


def test_scenarios_that_branch_off_give_what_each_gives_from_launch(
    scenarios, tables, from_launch, monkeypatch
):
    steps = _steps(monkeypatch)
    found = run_scenarios(_planned(scenarios, tables, branch_date=DAY), workers=1)
    assert _alike(found, from_launch)
    names = found.plan.asked
    people = [found.measured[name][0].people for name in names]
    assert people[0] == people[1] < people[2]
    # one past for three scenarios, in each of three parts: the platform and two regions
    assert steps.count((0, SECOND)) == 3
    assert sum(begin == SECOND for begin, _ in steps) == 3 * len(names)


def test_processes_of_a_run_branch_off_the_same(scenarios, tables, from_launch, tmp_path, monkeypatch):
    planned, store = _planned(scenarios, tables, branch_date=DAY), Store(tmp_path)
    with ThreadPoolExecutor(1) as executor:
        assert _alike(run_scenarios(planned, executor=executor, store=store), from_launch)
    # a branch whose unit is lost needs its trunk again, which is there already
    for key in store.named():
        if store.about(key)["about"]["scenario"] == "layoffs":
            shutil.rmtree(tmp_path / key)
    steps = _steps(monkeypatch)
    with ThreadPoolExecutor(1) as executor:
        assert _alike(run_scenarios(planned, executor=executor, store=store), from_launch)
    assert steps.count((0, SECOND)) == 3


def test_the_readable_engine_branches_off_the_same(scenarios, tables):
    found = [
        run_scenarios(_planned(scenarios[:2], tables, regions=["94"], **more), workers=1)
        for more in ({}, {"branch_date": DAY, "engine": "simpy"})
    ]
    assert _alike(found[1], found[0])


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (lambda trunk, tables: _more_staff(trunk, tables, date(2015, 6, 1)), "other staff is on duty"),
        (lambda trunk, tables: _layoffs(trunk, tables, date(2015, 6, 1)), "other people ask"),
        (lambda _trunk, tables: load_scenario("approfondi", tables=tables), "people are served otherwise"),
        (lambda _trunk, tables: load_scenario("universel", tables=tables), "other people ask"),
    ],
    ids=["staff", "people", "service", "publics"],
)
def test_scenarios_that_differ_before_the_branch_are_refused(trunk, tables, other, why):
    planned = _planned([trunk, other(trunk, tables)], tables, regions=["94"], branch_date=DAY)
    with pytest.raises(UsageError, match=why):
        run_scenarios(planned, workers=1)


def test_an_operator_that_stops_branches_a_scenario(trunk, tables):
    of = [trunk, _closure(trunk, tables, DAY)]
    found = [
        run_scenarios(_planned(of, tables, regions=["94"], **more), workers=1)
        for more in ({}, {"branch_date": DAY})
    ]
    assert _alike(found[1], found[0])


@pytest.mark.parametrize("when", [date(2015, 1, 1), date(2014, 5, 1), date(2016, 1, 1)])
def test_a_branch_is_after_launch_and_before_the_end(scenarios, tables, when):
    with pytest.raises(UsageError, match="branch: found"):
        _planned(scenarios, tables, branch_date=when)


def test_a_branch_needs_two_scenarios_beside_reference(trunk, tables):
    with pytest.raises(UsageError, match="expected two or more"):
        _planned(["reference", trunk], tables, branch_date=DAY)


def test_a_branch_changes_neither_the_folder_nor_the_units(scenarios, tables):
    planned = _planned(scenarios, tables)
    assert replace(planned, branch_date=DAY).name == planned.name


def test_a_day_that_is_none_is_refused_in_french(capsys):
    assert main(("run", "central", "cpf", "--region", "94", "--branch", "demain")) == 2
    assert "trouvé « demain », attendu un jour comme 2016-07-01" in capsys.readouterr().err
