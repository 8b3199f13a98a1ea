"""Teams that several operators share have a row of their own, beside those of the operators."""

from types import SimpleNamespace

import pandas as pd
import pytest
from deployments import scenario, tables

from cepsim.cli.loads import loads_sheet
from cepsim.cli.settings import Settings
from cepsim.experiment import plan
from cepsim.people.pools import Pool, pools_of
from cepsim.report.answers import Teller
from cepsim.report.means import means_table
from cepsim.units import format_number, format_share

SHARED = ("pole_emploi", "cap_emploi")
NAME = "équipe commune : Pôle emploi + Cap emploi"


@pytest.fixture(scope="module")
def planned():
    pooled = scenario("central").derive({"staff.pooled": [list(SHARED)]}, name="commune", tables=tables())
    return plan([pooled], regions=["94"], replications=1, years=1, follow_up_years=0, tables=tables())


def _hours(planned) -> tuple[float, float]:
    """Hours needed and usable of the team, summed over its operators."""
    loads = planned.loads()
    ours = (loads["scenario"] == "commune") & (loads["role"] == "advisers") & loads["operator"].isin(SHARED)
    return float(loads.loc[ours, "hours_needed"].sum()), float(loads.loc[ours, "hours_usable"].sum())


def test_a_pool_is_the_teams_of_the_same_operators_and_whose_team_is_his_own_is_in_none():
    rows = [
        (0, "pole_emploi", "advisers", "94"),
        (0, "cap_emploi", "advisers", "94"),
        (1, "apec", "advisers", "94"),
        (2, "cap_emploi", "advisers", "53"),
        (2, "pole_emploi", "advisers", "53"),
        (3, "apec", "first_line", "national"),
        (3, "opacif", "first_line", "national"),
    ]
    loads = pd.DataFrame(rows, columns=["team", "operator", "role", "region"])
    assert pools_of(loads) == [
        Pool(("pole_emploi", "cap_emploi"), "advisers", False, (0, 2)),
        Pool(("opacif", "apec"), "first_line", True, (3,)),
    ]
    assert pools_of(loads[loads["team"] == 1]) == []


def test_the_loads_before_a_run_have_the_pool_s_own_line(planned):
    rows = loads_sheet(planned, Settings(language="fr")).rows
    needed, usable = _hours(planned)
    (row,) = [row for row in rows if row[1] == NAME]
    assert row[0] == "commune"
    assert row[4:] == (format_number(usable, "fr"), format_share(needed / usable, "fr", 0))


def test_the_means_of_a_run_have_the_pool_s_own_line(planned):
    hours = {("pole_emploi", "used"): 60, ("pole_emploi", "overtime"): 10, ("pole_emploi", "duty"): 90}
    hours |= {("cap_emploi", "used"): 12, ("cap_emploi", "overtime"): 0, ("cap_emploi", "duty"): 10}
    keys = {"scenario": "commune", "region": "all", "period": "all", "stage": "all", "public": "all"}
    found = [
        {**keys, "team": "advisers", "operator": operator, "indicator": f"hours_{kind}", "mean": float(mean)}
        for (operator, kind), mean in hours.items()
    ]
    posts = planned.loads()[["scenario", "team", "operator", "role"]].assign(year=2015, etp=1.5)
    results = SimpleNamespace(
        plan=planned,
        indicators=pd.DataFrame(found).assign(withheld=False, low=0.0, high=0.0, n=1, beyond=0),
        loads=planned.loads(),
        posts=posts,
    )
    (row,) = [row for row in means_table(Teller(results, "fr")).rows if row[0] == NAME]
    needed, usable = _hours(planned)
    title = planned.scenarios[-1].title.fr
    figures = (format_number(3.0, "fr", 1), format_number(needed / usable, "fr", 2), format_share(0.62, "fr"))
    assert row == (NAME, "conseillers", title, *figures)
