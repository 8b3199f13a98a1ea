"""Dates after the years counted: which lines are told, and how."""

from datetime import date

import pytest
from deployments import tables

from cepsim.experiment import plan
from cepsim.people.late import LateLine, late_lines
from cepsim.report import late_dates, late_in
from cepsim.scenario import load_scenario

#: The first day after three years counted from 2015 on, and after the year that follows.
END, OBSERVED = date(2018, 1, 1), date(2019, 1, 1)
LAST = date(2017, 12, 31)


def _dated(when: date, **more):
    """`central` with a line of each kind at a date."""
    lines = {
        "waves": [{"publics": ["salaries_cdi"], "from_date": when}],
        "demand.shocks": [
            {
                "publics": ["salaries_cdi"],
                "from_date": when,
                "until": date(2020, 1, 1),
                "change": 0.1,
                "reason": "a test",
            }
        ],
        "service.commission_budget_changes": [
            {"ways": ["cif_cdi"], "from_date": when, "change": 0.1, "reason": "a test"}
        ],
        "staff.changes": [
            {"operator": "opacif", "from_date": when, "etp": 5, "character": "new", "reason": "a test"}
        ],
        "staff.closures": [
            {
                "operator": "cap_emploi",
                "heir": "pole_emploi",
                "from_date": when,
                "posts": "end",
                "reason": "a test",
            }
        ],
    }
    return load_scenario("central").derive({**lines, **more}, name="late", tables=tables())


KEYS = [
    "waves[0]",
    "demand.shocks[0]",
    "service.commission_budget_changes[0]",
    "staff.changes[0]",
    "staff.closures[0]",
]


@pytest.mark.parametrize(("when", "followed"), [(END, True), (OBSERVED, False)])
def test_every_kind_of_dated_line_is_late_from_the_day_after_the_years_counted(when, followed):
    assert late_lines(_dated(when)) == [LateLine(key, when, followed) for key in KEYS]
    assert late_lines(_dated(LAST)) == []


def test_a_run_of_fewer_years_makes_late_what_was_in_time():
    scenario = _dated(LAST, **{"calendar.years": 2, "calendar.follow_up_years": 0})
    assert [line.followed for line in late_lines(scenario)] == [False] * len(KEYS)


def test_lines_are_told_by_what_hangs_on_them_with_their_dates():
    (followed, hired) = late_in(_dated(END), "en")
    assert followed.startswith("late: waves[0] (2018-01-01), demand.shocks[0] (2018-01-01), ")
    assert "after the years counted (until 2017-12-31)" in followed
    assert "until 2018-12-31" in followed
    assert hired.startswith("Hiring for posts to come")
    (nothing, _) = late_in(_dated(OBSERVED))
    assert nothing.endswith(
        "staff.closures[0] (01/01/2019) après la fin du calcul (jusqu'au 31/12/2018) : sans effet."
    )
    assert late_in(load_scenario("central")) == []


def test_a_branch_after_the_years_counted_is_told_and_one_before_is_not():
    def said(when: date) -> list[str]:
        names = ["central", "universel"]
        return late_dates(plan(names, regions=["94"], tables=tables(), branch_date=when), "en")

    assert said(LAST) == []
    (sentence,) = said(date(2018, 6, 1))
    assert sentence.startswith("Common past until 2018-06-01, after the years counted (until 2017-12-31)")
