"""Corse sized for a year: what is found, what proves it, and the scenario that says it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from itertools import product

import numpy as np
import pandas as pd
import pytest

import cepsim
from cepsim.errors import UsageError
from cepsim.experiment.pipeline import Setting
from cepsim.report.sizing import levels_table
from cepsim.sizing import wanted
from cepsim.sizing.posts import Post, hire_by, staffed
from cepsim.sizing.search import Box, least
from cepsim.sizing.sizing import planned_for, worlds

NORM = "cap_emploi accueil: 90 % <= 10 j ouvrés"
SINCE = date(2015, 4, 1)


def plan_of_a_year(**more):
    return planned_for("central", regions=["94"], replications=2, years=1, **more)


@pytest.fixture(scope="module")
def sizing():
    """One operator, two replications, every cheaper staff tried."""
    return cepsim.size(
        "central", NORM, regions=["94"], replications=2, years=1, since=SINCE, brute_force=True
    )


def test_what_is_found_holds_the_norm_and_a_tenth_of_a_post_less_does_not(sizing):
    (post,) = sizing.posts.to_dict("records")
    assert sizing.is_met
    assert sizing.is_global
    assert post["verdict"] == "met"
    assert post["below"] in ("missed", "undecided")
    sized = sizing.claims[sizing.claims["posts"] == "sized"]
    assert (sized["low"] >= 0.9).all()
    assert list(sized["quarter"]) == ["2015-04", "2015-07", "2015-10"]
    (below,) = sizing.neighbours.to_dict("records")
    assert below["low"] < 0.9
    assert below["verdict"] == post["below"]


def test_posts_are_tenths_beside_those_of_the_scenario_and_cost_their_full_cost(sizing):
    (post,) = sizing.posts.to_dict("records")
    assert post["etp_sized"] == pytest.approx(post["etp_scenario"] + post["delta"])
    assert post["delta"] * 10 == pytest.approx(round(post["delta"] * 10))
    price = sizing.asked.plan.tables.figure("unit_costs.full_cost_per_fte.cap_emploi").mode
    assert post["cost"] == pytest.approx(post["etp_sized"] * price, rel=0.02)
    assert post["delta_cost"] == pytest.approx(post["delta"] * price, rel=0.02)


def test_the_scenario_that_it_gives_has_these_posts_and_no_others(sizing):
    (change,) = sizing.scenario.staff.changes[len(sizing.asked.scenario.staff.changes) :]
    assert change.operator == "cap_emploi"
    assert change.etp == pytest.approx(float(sizing.posts["delta"].iloc[0]))
    assert change.regions == ("94",) or list(change.regions) == ["94"]
    assert sizing.scenario.name == "central-dimensionne"


def test_what_is_simulated_of_posts_is_what_running_the_scenario_that_has_them_gives(sizing):
    """Here a tenth of a post less than what was found."""
    (of,) = sizing.regions
    less = with_posts(sizing.asked, of.sized, (of.found.vector[0] - 1,))
    found = cepsim.run([less], regions=["94"], replications=2, years=1).indicators
    keys = {"scenario": "posts", "indicator": "share_within_norm", "operator": "cap_emploi", "region": "all"}
    rows = found[np.all([found[key] == value for key, value in keys.items()], axis=0)]
    by_quarter = rows.set_index("period")["mean"]
    shares = [claim.share for claim in of.beyond[0]]
    assert min(shares) < 1.0
    assert by_quarter[["2015-04", "2015-07", "2015-10"]].to_list() == pytest.approx(shares)


def with_posts(asked, sized, vector):
    """The scenario with these tenths of a post more."""
    extra = dict(zip(sized.posts, vector, strict=True))
    return staffed(asked.scenario, asked.where, extra, tables=asked.plan.tables, reason="posts", name="posts")


def arrays_of(of):
    """Every array of a compiled network."""
    if is_dataclass(of):
        return [array for field in fields(of) for array in arrays_of(getattr(of, field.name))]
    return [of] if isinstance(of, np.ndarray) else []


def test_who_is_hired_is_hired_in_time_to_learn_and_who_is_reassigned_comes_on_the_day(sizing):
    where = sizing.asked.where
    lead = round(where.tables.figure("unit_costs.recruitment_lead_time.all").mode)
    learning = round(where.tables.figure("unit_costs.learning_curve.new_adviser").mode)
    launch, later = date(2015, 1, 1), date(2016, 1, 1)
    assert hire_by(where, Post("opacif", "94", 0, 2)) == launch - timedelta(days=lead + learning)
    assert hire_by(where, Post("apec", "94", 1, 1)) == later - timedelta(days=lead)
    assert hire_by(where, Post("pole_emploi", "94", 0, 2)) == launch
    # nobody comes here: the scenario has more than it takes
    assert sizing.posts["hire_by"].to_list() == [""]


@pytest.fixture(scope="module")
def levels():
    """The OPACIF, whom `central` leaves far too few advisers, at two levels of service."""
    return cepsim.size(
        "central", "opacif accueil: 80 % <= 10 j ouvrés", regions=["94"], replications=2, years=1,
        since=SINCE, also=[0.95],
    )  # fmt: skip


def test_a_higher_level_of_service_takes_as_many_posts_or_more_and_each_level_has_its_cost(levels):
    found = levels.levels
    assert found["required"].to_list() == [0.8, 0.95]
    assert found["etp_sized"].is_monotonic_increasing
    assert found["cost"].is_monotonic_increasing
    assert (found["verdict"] == "met").all()
    assert found["etp_sized"].iloc[0] == levels.posts["etp_sized"].iloc[0]
    table = levels_table(levels, "en")
    assert [row[0] for row in table.rows] == ["80%", "95%"]


def test_an_accueil_that_receives_more_loads_the_conseil_and_the_answer_says_so(levels):
    """The same people ask; more of them are received in time, and go on."""
    here = levels.onward[(levels.onward["operator"] == "opacif") & (levels.onward["stage"] == "conseil")]
    asked = here.groupby("posts")["asked"].sum()
    assert asked["sized"] > asked["scenario"]
    (post,) = levels.posts.to_dict("records")
    assert post["delta"] > 0
    assert post["hire_by"] == hire_by(levels.asked.where, levels.regions[0].sized.posts[0]).isoformat()
    scenario = levels.claims[levels.claims["posts"] == "scenario"]
    assert (scenario["verdict"] == "missed").any()


def test_the_answer_is_a_sentence_in_french_and_in_english(sizing):
    from cepsim.sizing import answer

    assert repr(sizing) == answer(sizing)
    assert "il faut" in repr(sizing)
    assert "Cap emploi" in repr(sizing)
    assert "tout effectif moins cher a été essayé" in repr(sizing)
    assert "every cheaper staff was tried" in answer(sizing, "en")


def test_stages_without_a_norm_are_told_and_held_to_nothing(sizing):
    onward = sizing.onward
    assert {"conseil", "formalisation", "projet"} <= set(onward["stage"])
    assert not ((onward["stage"] == "accueil") & (onward["operator"] == "cap_emploi")).any()
    assert set(onward["posts"]) == {"sized", "scenario"}
    assert "verdict" not in onward


def test_frames_and_manifest_are_written_whole(sizing, tmp_path):
    names = {path.name for path in sizing.write(tmp_path / "sized")}
    assert {"sizing.csv", "claims.csv", "neighbours.csv", "onward.csv", "manifest.json"} <= names
    read = pd.read_csv(tmp_path / "sized" / "sizing.csv", encoding="utf-8-sig")
    assert read["etp_sized"].tolist() == pytest.approx(sizing.posts["etp_sized"].tolist())


def test_trying_every_staff_around_finds_no_cheaper_one():
    """Two operators of Corse, two tenths either way: brute force has the same minimum."""
    norms = ["cap_emploi accueil: 80 % <= 10 j ouvrés", "missions_locales accueil: 80 % <= 10 j ouvrés"]
    asked = wanted(plan_of_a_year(), norms, since=SINCE)
    with ThreadPoolExecutor(2) as executor:
        (world,) = worlds(asked, executor)
        whole, centre = world.sized.box(0), world.sized.start
        low, high = (whole.clipped([value + by for value in centre]) for by in (-2, 2))
        box = Box(low, high, whole.cost)
        found = least(world.short, high, box, frozenset({0, 1}))
        every = product(*(range(a, b + 1) for a, b in zip(low, high, strict=True)))
        enough = [vector for vector in every if not world.short(vector)]
        # the duty put in the compiled network is that of the scenario compiled anew
        anew = Setting.of(with_posts(asked, world.sized, found.vector), asked.plan.tables, ["94"])
        (part,) = (one for one in anew.parts if one.is_home)
        pairs = zip(
            arrays_of(world.under(found.vector).network), arrays_of(part.deployment.network), strict=True
        )
        assert all(np.array_equal(one, other) for one, other in pairs)
    assert not found.short
    assert box.price(found.vector) == min(map(box.price, enough))


# -- what is refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("norms", "more", "names"),
    [
        ([], {}, "found no norm"),
        (["conseil: 90 % <= 10 j"], {"since": SINCE}, "without one on the accueil"),
        ([NORM], {}, "from: found"),
        ([NORM], {"since": date(2014, 1, 1)}, "from: found"),
        ([NORM], {"since": SINCE, "also": [1.0]}, "share: found 1"),
        ([NORM], {"since": SINCE, "confidence": 0.4}, "confidence: found 0.4"),
    ],
)
def test_what_cannot_be_sized_is_refused_before_anything_is_run(norms, more, names):
    with pytest.raises(UsageError, match=names):
        wanted(plan_of_a_year(), norms, **more)
