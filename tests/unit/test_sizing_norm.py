"""Norms as they are said, and what replications show of them."""

from types import SimpleNamespace

import numpy as np
import pytest

from cepsim.errors import UsageError
from cepsim.indicators import binomial, one_sided
from cepsim.indicators.episodes import PROJECT, End
from cepsim.indicators.waits import Offers, Spans, completions
from cepsim.indicators.working_days import WorkingDays
from cepsim.scenario.vocabulary import OPERATORS
from cepsim.sizing import Norm
from cepsim.sizing.claims import Heard, claims_of

TEN = Norm("accueil", 0.9, 10)


@pytest.mark.parametrize(
    ("text", "norm"),
    [
        ("accueil: 90 % <= 10 j ouvrés", TEN),
        ("accueil : 90% ≤ 10 jours ouvrés", TEN),
        (" Accueil:90 %<10j", TEN),
        ("accueil: 90 % <= 10", TEN),
        ("conseil: 92,5 % <= 15 working days", Norm("conseil", 0.925, 15)),
        ("Pôle-emploi accueil: 80 % <= 5 j ouvrés", Norm("accueil", 0.8, 5, "pole_emploi")),
        ("missions locales projet: 50 % <= 130 j", Norm("projet", 0.5, 130, "missions_locales")),
    ],
)
def test_a_norm_is_read_as_people_say_it_and_its_text_is_read_the_same(text, norm):
    assert Norm.parse(text) == norm
    assert Norm.parse(norm.said) == norm


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("accueil", "expected words such as"),
        ("acueil: 90 % <= 10 j", '"acueil"'),
        ("information: 90 % <= 10 j", '"information"'),
        ("anpe accueil: 90 % <= 10 j", '"anpe"'),
        ("accueil: 100 % <= 10 j", '"100 %"'),
        ("accueil: neuf % <= 10 j", '"neuf %"'),
        ("accueil: 90 % <= 0 j", '"0 j"'),
        ("accueil: 90 % <= 261 j", '"261 j"'),
        ("accueil: 90 % <= 2 semaines", '"2 semaines"'),
    ],
)
def test_a_norm_that_is_not_one_is_refused_by_the_word_that_is_wrong(text, names):
    with pytest.raises(UsageError, match="norm: found") as refused:
        Norm.parse(text)
    assert names in str(refused.value)


def test_a_norm_without_an_operator_is_everybody_s():
    assert all(TEN.concerns(name) for name in OPERATORS)
    assert [name for name in OPERATORS if Norm("accueil", 0.9, 10, "apec").concerns(name)] == ["apec"]


# -- verdicts ---------------------------------------------------------------------------------------------


def heard(within, asked=100):
    """One quarter of one operator, of whom so many were offered in time."""
    shape = (len(OPERATORS), 1)
    every, held = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    every[0], held[0] = asked, within
    return Heard(every, held, held, held, np.full(shape, np.nan))


def claim(*within, confidence=0.95):
    (found,) = claims_of(TEN, "94", [heard(one) for one in within], 0, confidence)
    return found


def test_a_claim_is_met_missed_or_undecided_by_its_one_sided_bounds():
    assert claim(95, 96, 94, 95, 95).verdict == "met"
    assert claim(85, 86, 84, 85, 85).verdict == "missed"
    assert claim(85, 99, 91, 93, 84).verdict == "undecided"
    # three replications of mean 0.92 and deviation 0.01: 0.92 - 2.92 x 0.01 / sqrt(3)
    found = claim(91, 92, 93)
    assert found.low == pytest.approx(0.92 - 2.919986 * 0.01 / 3**0.5)
    assert found.reach == pytest.approx(0.92 - found.low)
    assert found.slack == pytest.approx(found.low - 0.9)
    assert found.verdict == "met"


def test_more_confidence_asks_for_more():
    assert claim(91, 92, 93, confidence=0.95).verdict == "met"
    assert claim(91, 92, 93, confidence=0.999).verdict == "undecided"


def test_one_replication_is_judged_by_the_binomial_law():
    # 95 of 100: Clopper and Pearson's lower bound is 0.8977, and 96's 0.9109
    assert claim(95).verdict == "undecided"
    assert claim(96).verdict == "met"
    assert claim(84).verdict == "missed"
    low, high = binomial([0, 100], [100, 100])
    assert low[0] == 0.0
    assert high[1] == 1.0
    assert high[0] == pytest.approx(1.0 - 0.05**0.01)
    assert low[1] == pytest.approx(0.05**0.01)


def test_one_sided_bounds_of_one_replication_are_not_known():
    assert np.isnan(one_sided(0.5, 0.1, 1)).all()


def test_nobody_who_asks_makes_no_claim_and_quarters_before_are_held_to_nothing():
    assert claims_of(TEN, "94", [heard(0, asked=0)], 0, 0.95) == []
    assert claims_of(TEN, "94", [heard(90)], 1, 0.95) == []


def test_who_was_seen_less_than_the_norm_is_left_out_and_who_was_offered_nothing_is_late():
    def column(*values):
        return np.array(values)

    of = Offers(
        person=column(0, 1, 2, 3, 4),
        operator=column(0, 0, 0, 0, 1),
        cohort=column(0, 0, 0, 0, 1),
        wait=column(10, 11, 30, 4, 2),
        is_offered=column(True, True, False, False, True),
        followed=column(40, 40, 40, 9, 10),
    )
    found = Heard.of(TEN, of, 2)
    assert found.asked[:2].tolist() == [[3, 0], [0, 1]]
    assert found.within[:2].tolist() == [[1, 0], [0, 1]]
    assert found.offered[:2].tolist() == [[2, 0], [0, 1]]
    assert found.waited[:2].tolist() == [[51, 0], [0, 2]]
    # nine in ten of three are three, and one of them was offered nothing; one of one came in 2 days
    assert np.isnan(found.days[0, 0])
    assert found.days[1, 1] == 2
    assert Heard.of(Norm("accueil", 0.5, 10), of, 2).days[0, 0] == 11


def test_time_to_a_project_is_that_of_those_who_leave_with_one_or_may_yet():
    day = 86_400
    codes = {name: np.arange(5) * 0 for name in ("operator", "stage")}
    going_on = Spans(
        person=np.arange(5),
        joined=np.array([0, 10, 20, 30, -5]) * day,
        left=np.array([60, 25, 90, 400, 90]) * day,
        end=np.array([End.CALLED, End.LOST, End.CALLED, End.CENSORED, End.CALLED]),
        **codes | {"stage": np.full(5, PROJECT)},
    )
    # every day is a working day
    every_day = WorkingDays(np.arange(600)[np.newaxis], -10, np.zeros(1, np.int64))
    window = SimpleNamespace(observed=400 * day, cohort=lambda joined: joined // (90 * day))
    crowd = SimpleNamespace(region=np.zeros(5, np.int64))
    found = completions(going_on, crowd, every_day, window)
    # who left otherwise, and who came before launch, are no cohort's; the last one is still under way
    assert found.person.tolist() == [0, 2, 3]
    assert found.wait.tolist() == [60, 70, 369]
    assert found.is_offered.tolist() == [True, True, False]
    assert found.followed.tolist() == [399, 379, 369]
