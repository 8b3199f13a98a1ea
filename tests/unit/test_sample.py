"""A sample of one person in K: who is in it, who works for it, and what is published of it."""

import hashlib
import json
import os
from functools import cache

import numpy as np
import pandas as pd
import pytest
from deployments import tables
from worlds import CORSE, SEED, SHORT, deployed, variant

from cepsim.experiment import Results, plan, run_scenarios
from cepsim.experiment.pipeline import warm_up_scenario
from cepsim.experiment.sentence import headline
from cepsim.experiment.unit import Unit, program
from cepsim.network import SessionPlan
from cepsim.people.deploy import deploy
from cepsim.people.deployment import Deployment
from cepsim.people.handover import identities
from cepsim.people.population_tape import draw_entrants
from cepsim.people.sessions import withdraw_animators
from cepsim.report import answers
from cepsim.report.figures import pictures
from cepsim.scenario import canonical

K = 5


@cache
def sampled(name: str, sample: int) -> Deployment:
    return deploy(variant(name, *SHORT), tables(), CORSE, sample)


@cache
def people(name: str, sample: int) -> frozenset[int]:
    who = draw_entrants(sampled(name, sample), seed=SEED, replication=0).crowd
    return frozenset(identities(who, np.arange(len(who))).tolist())


def test_one_person_in_one_is_everybody_with_all_of_the_staff():
    whole, known = sampled("central", 1), deployed("central", *SHORT)
    for mine, theirs in (
        (whole.network.teams, known.network.teams),
        (whole.network.queues, known.network.queues),
    ):
        for name in type(mine).__dataclass_fields__:
            assert np.array_equal(getattr(mine, name), getattr(theirs, name)), name
    assert whole.whole_duty is None


@pytest.mark.parametrize(("larger", "smaller"), [(1, 2), (2, 3), (2, 4), (3, 10)])
def test_a_sample_is_a_subset_of_those_of_more_people(larger, smaller):
    assert people("central", smaller) < people("central", larger)


def test_a_sample_has_one_person_in_k():
    whole, part = len(people("central", 1)), len(people("central", K))
    assert abs(part - whole / K) < 4 * np.sqrt(whole / K * (1 - 1 / K))


def test_the_same_people_are_kept_in_every_scenario():
    in_both = people("reference", 1) & people("central", 1)
    assert in_both
    assert people("reference", K) & in_both == people("central", K) & in_both


def test_advisers_on_duty_are_a_kth_in_the_long_run_and_posts_are_those_of_the_whole():
    whole, part = sampled("central", 1), sampled("central", K)
    pd.testing.assert_frame_equal(whole.staff, part.staff)
    assert part.whole_duty is not None
    duty = {}
    for of in (whole, part):
        teams = of.network.teams
        for team, (role, name) in enumerate(zip(of.teams["role"], of.network.team_names, strict=True)):
            changes = slice(teams.duty_start[team], teams.duty_start[team + 1])
            duty.setdefault((role, name), []).append(teams.duty_advisers[changes])
    for (role, name), (all_of_them, some) in duty.items():
        open_days = all_of_them > 0
        if role == "advisers":
            # the sum of a van der Corput sequence stays within a few of its mean
            assert abs(some.sum() - all_of_them.sum() / K) <= np.log2(len(some)) + 1, name
        else:
            assert (some[open_days] >= 1).all(), name
            assert (some <= all_of_them).all(), name


def test_an_animator_does_not_leave_a_desk_of_one_in_a_sample():
    duty, plan_ = [(0, 1), (86_400, 2)], SessionPlan([10, 86_410], 5, 12)
    assert withdraw_animators(duty, plan_) == [
        (0, 1),
        (10, 0),
        (15, 1),
        (86_400, 2),
        (86_410, 1),
        (86_415, 2),
    ]
    kept = withdraw_animators(duty, plan_, stay=1)
    assert kept == [(0, 1), (10, 1), (15, 1), (86_400, 2), (86_410, 1), (86_415, 2)]


def test_the_key_of_everybody_is_what_it_was_before_there_were_samples():
    scenario = variant("central", *SHORT)
    warm_up = warm_up_scenario(scenario, tables())
    unit = Unit(scenario, warm_up, tables(), CORSE, 1, 0, "94")
    content = {
        "scenario": canonical(scenario),
        "warm_up": canonical(warm_up),
        "tables": tables().digest,
        "overrides": [],
        "regions": CORSE,
        "seed": 1,
        "replication": 0,
        "shard": "94",
        "program": program(),
    }
    text = json.dumps(content, sort_keys=True)
    assert unit.key == hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    part = Unit(scenario, warm_up, tables(), CORSE, 1, 0, "94", sample=K)
    assert part.key != unit.key
    assert ("sample" in unit.about, part.about["sample"]) == (False, K)


# -- runs --------------------------------------------------------------------------------------------------


@cache
def results(sample: int, region: str = "94") -> Results:
    planned = plan(
        ["reference"],
        regions=[region],
        replications=1,
        years=1,
        follow_up_years=0,
        tables=tables(),
        sample=sample,
    )
    return run_scenarios(planned, workers=1)


def total(of: Results, measure: str, **keys: str) -> float:
    every = {
        "region": "all",
        "operator": "all",
        "stage": "all",
        "public": "all",
        "team": "all",
        "period": "all",
    }
    rows = of.indicators
    for name, value in ({**every, "indicator": measure} | keys).items():
        rows = rows[rows[name] == value]
    return float(rows["mean"].iloc[0])


def test_people_who_come_times_k_are_those_of_the_whole_within_noise():
    whole, part = (total(results(k), "people_first_requests") for k in (1, K))
    # those of a sample, times K, vary as K times a Poisson count
    assert abs(part - whole) < 4 * np.sqrt(whole * K)
    assert part % K == 0


def lost(region: str, sample: int) -> float:
    """Share of the contacts of the OPACIF that are lost."""
    of = results(sample, region)
    return total(of, "contacts_lost", operator="opacif") / total(of, "contacts", operator="opacif")


@pytest.mark.skipif(not os.environ.get("CEPSIM_LONG"), reason="Bretagne: half a minute")
def test_the_warning_of_a_sample_is_true_a_small_first_line_loses_more_contacts():
    assert lost("53", K) > 1.2 * lost("53", 1)


def test_the_warning_of_a_sample_is_true_a_first_line_of_an_agent_or_two_loses_fewer_contacts():
    assert lost("94", K) < lost("94", 1)


def test_what_the_staff_costs_is_not_sampled():
    whole, part = (results(k).costs.query("cut == 'nature'").set_index("nature")["mean"] for k in (1, K))
    for nature in ("first_line_outside", "first_line_structure", "recruitment"):
        # cents are rounded cell by cell, and used and idle time make other cells
        assert part.get(nature, 0.0) == pytest.approx(whole.get(nature, 0.0), abs=1.0), nature
    first_line = ["first_line_used", "first_line_idle"]
    assert part[first_line].sum() == pytest.approx(whole[first_line].sum(), rel=1e-4)
    gross = [of.costs.query("cut == 'total'")["mean"].item() for of in (results(1), results(K))]
    assert gross[1] == pytest.approx(gross[0], rel=0.1)


def test_duty_and_overtime_are_used_and_idle_time_in_a_sample_as_well():
    hours = results(K).measured["reference"][0].counts.hours
    assert (hours["duty_s"] + hours["overtime_s"] == hours["used_s"] + hours["idle_s"]).all()
    by_use = results(K).measured["reference"][0].counts.hours_by
    assert by_use["used_s"].sum() == hours["used_s"].sum()
    whole = results(1).measured["reference"][0].counts.hours
    both = whole.merge(hours, on=["region", "operator", "role", "team", "year"], suffixes=("", "_k"))
    assert (both["duty_s_k"] >= both["duty_s"]).all()
    assert (both["duty_s_k"] == both["duty_s"]).mean() > 0.5


def test_loads_are_those_of_the_whole_staff():
    whole, part = results(1).loads, results(K).loads
    assert part["hours_available"].equals(whole["hours_available"])
    assert part["hours_needed"].sum() == pytest.approx(whole["hours_needed"].sum(), rel=0.1)


def test_every_output_of_a_sample_says_that_it_is_one_and_none_of_the_whole_does():
    whole, part = results(1), results(K)
    assert "1-in-5" in part.plan.name
    assert "1-in" not in whole.plan.name
    assert (part.manifest()["sample"], "sample" in whole.manifest()) == (K, False)
    assert all((frame["sample"] == K).all() for frame in part.frames().values())
    assert not any("sample" in frame for frame in whole.frames().values())
    for language, words in (("fr", "une personne sur 5"), ("en", "one person in 5")):
        assert words in headline(part.plan, language)
        assert all(words in table.note for table in answers(part, language))
    for picture in pictures(part, "en").values():
        assert words in " ".join(text.get_text().replace("\n", " ") for text in picture.texts)
    assert words not in headline(whole.plan, "en")
    assert "échantillon" in repr(part)
    assert not any("chantillon" in table.note for table in answers(whole, "fr"))


def test_no_export_of_a_sample_shows_fewer_than_five_people_simulated():
    shown = results(K).indicators
    cells = shown[(shown["public"] != "all") & ~shown["withheld"]]
    assert (cells["people"] >= 5 * K).all()
