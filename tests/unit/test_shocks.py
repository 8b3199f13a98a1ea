"""Shocks of demand: who asks more, where and when, and nobody else."""

from datetime import date

import numpy as np
import pytest
from deployments import scenario, tables
from worlds import SHOCK, SHORT, identified

from cepsim.errors import ScenarioError
from cepsim.scenario.parts import Shock
from cepsim.scenario.vocabulary import PUBLICS

WORKERS = PUBLICS.index("salaries_cdi")
#: Days of 1 March and 1 September 2015, from 1 January.
MARCH, SEPTEMBER = 59, 243


def shocked(*shocks):
    found = tuple(Shock.model_validate(shock) for shock in shocks)
    return identified("central", *SHORT, ("demand.shocks", found))


def within(people):
    day = people["arrival"] // 86_400
    return (people["public"] == WORKERS) & (day >= MARCH) & (day < SEPTEMBER)


def test_a_shock_brings_more_people_of_its_publics_on_its_dates_and_moves_no_traits():
    calm, more = identified("central", *SHORT), shocked(SHOCK)
    others = more[~more.index.isin(calm.index)]
    assert within(others).all()
    expected = 0.5 * within(calm).sum()
    assert expected > 100
    assert abs(len(others) - expected) < 4 * np.sqrt(expected)
    # the shock brings first whom the right would have brought: they come today, and to whom one goes today
    hit = more.loc[calm.index]
    brought_first = within(calm) & (calm["induced"] == 1) & (hit["induced"] == 0)
    assert 0 < brought_first.sum() < 0.1 * within(calm).sum()
    decided = ["induced", "operator", "station", "alternate", "bilan"]
    assert hit.drop(columns=["person", *decided]).equals(calm.drop(columns=["person", *decided]))
    assert hit.loc[~brought_first, decided].equals(calm.loc[~brought_first, decided])


def test_a_negative_shock_keeps_people_away_and_leaves_a_subset():
    calm, fewer = identified("central", *SHORT), shocked({**SHOCK, "change": -0.5})
    assert fewer.index.isin(calm.index).all()
    gone = calm[~calm.index.isin(fewer.index)]
    assert within(gone).all()
    expected = 0.5 * within(calm).sum()
    assert abs(len(gone) - expected) < 4 * np.sqrt(expected)
    nobody = shocked({**SHOCK, "change": -1.0})
    assert not within(nobody).any()


def test_shocks_of_the_same_people_at_the_same_time_multiply():
    calm = identified("central", *SHORT)
    twice, once = shocked(SHOCK, SHOCK), shocked({**SHOCK, "change": 1.25})
    assert twice.index.equals(once.index)
    assert len(twice) > len(calm)


def test_a_shock_elsewhere_changes_nothing_here():
    calm = identified("central", *SHORT)
    assert shocked({**SHOCK, "regions": ["53"]}).equals(calm)


@pytest.mark.parametrize(
    ("key", "value", "field"),
    [
        ("from_date", date(2014, 12, 31), "demand.shocks[0].from_date"),
        ("until", date(2015, 3, 1), "demand.shocks[0].until"),
        ("change", 0.0, "demand.shocks[0].change"),
        ("change", -1.5, "demand.shocks[0].change"),
        ("publics", ["agents_publics"], "demand.shocks[0].publics"),
        ("regions", ["00"], "demand.shocks[0].regions"),
    ],
)
def test_a_shock_that_changes_nothing_or_cannot_be_is_refused(key, value, field):
    with pytest.raises(ScenarioError) as refused:
        scenario("central").derive({"demand.shocks": ({**SHOCK, key: value},)}, tables=tables())
    assert field in str(refused.value)
