"""Contacts that other actors answer: which actor, at what price, who pays, what they are in a net cost."""

from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from deployments import rows_of
from money import sums, where
from worlds import SHORT, from_launch

from cepsim.costing import close, ledger, net_of, quantities
from cepsim.costing.budget import budget_lines
from cepsim.costing.commitments import commitments
from cepsim.indicators import count
from cepsim.people.informing import _bounded
from cepsim.scenario.vocabulary import POPULATIONS, PUBLICS

NAMED = ("mife", "cio", "ij")
ACTORS = ("service.informing_actors", NAMED)
CONTACT = "informed_elsewhere"
PLACE = where()
#: Cents of a contact at an actor of 45 000 EUR a post: a quarter of one of its 1 607 x 0.55 direct hours.
CENTS = Fraction(45_000_00, 1607) / Fraction(55, 100) / 4


def contacts(actor, number, **others):
    return (CONTACT, "", actor, number, {"stage": "information", "public": "salaries_cdi", **others})


@cache
def run(*changes):
    """From launch on, in Corse: the deployment, its people, trace and state."""
    place, people, _, trace, state = from_launch("central", *SHORT, *changes)
    return place, people, trace, state


@cache
def counted(*changes):
    return quantities(*run(*changes))


def test_a_contact_has_the_price_of_its_actor_and_the_payers_of_the_actor():
    of = rows_of(contacts("mife", 1000), contacts("cio", 10))
    found = ledger(PLACE, of)
    close(found, of)
    mife = round(1000 * CENTS)
    assert sums(found.rows, "operator") == {"mife": mife, "cio": round(10 * CENTS * 68 / 45)}
    paid = sums(found.rows, "operator", "payer")
    assert paid["cio", "etat"] == round(10 * CENTS * 68 / 45)
    assert paid["mife", "regions"] == pytest.approx(0.6 * mife, abs=1)
    assert set(found.rows["unit"]) == {"contacts"}


def test_they_are_gross_cost_and_paid_anyway_and_never_new_money():
    ours, base = ledger(PLACE, rows_of(contacts("mife", 1000))), ledger(PLACE, rows_of())
    for one, other, sign in ((ours, base, 1), (base, ours, -1)):
        table = net_of(one, other, by=[]).iloc[0]
        assert table["paid_anyway_cents"] == table["net_cents"] == sign * round(1000 * CENTS)
        assert table["new_money_cents"] == table["services_not_rendered_cents"] == 0
    assert net_of(ours, base, by=[]).iloc[0]["gross_cents"] == round(1000 * CENTS)


def test_contacts_of_a_run_are_the_measure_and_all_paid_already():
    place, people, trace, state = run(ACTORS)
    volumes = count(place, people, trace, state).volumes
    measured = volumes[volumes["measure"] == CONTACT]
    of = counted(ACTORS)
    ours = of[of["quantity"] == CONTACT]
    keys = ["year", "region", "public"]
    told = measured.groupby(keys, observed=True)["count"].sum()
    assert ours.groupby(keys)["value"].sum().to_dict() == {k: n for k, n in told.to_dict().items() if n}
    assert set(ours["operator"]) == set(NAMED)
    assert set(ours["character"]) == {"deja_finance"}
    assert (ours["people"] <= ours["value"]).all()
    close(ledger(place, of), of)


def test_youth_actors_have_contacts_of_the_young_alone():
    place, people, _, _ = run(ACTORS)
    shares = place.informed_by[0]
    assert (shares[0, :2] > 0).all() and shares[0, 2] == 0 < shares[1, 2]
    np.testing.assert_allclose(place.informed, place.informed_by.sum(axis=2))
    young = people.population == POPULATIONS.index("jeunes")
    publics = set(np.unique(people.public[young]).tolist())
    of = counted(ACTORS)
    ij = of[(of["quantity"] == CONTACT) & (of["operator"] == "ij")]
    assert {PUBLICS.index(public) for public in ij["public"]} <= publics


def test_each_actor_has_the_part_that_it_can_answer():
    # of 1 000 contacts of adults and 500 of the young, half are sent: 750; 60 can be answered for the young
    able, youth = np.array([30.0, 90.0, 60.0]), np.array([False, False, True])
    shares = _bounded(0.5, np.array([1000.0, 500.0]), able, youth)
    answered = shares * [[1000.0], [500.0]]
    np.testing.assert_allclose(answered.sum(axis=0), able)
    np.testing.assert_allclose(answered[:, 1], 3 * answered[:, 0])
    np.testing.assert_allclose(answered[:, 2], [0, 60])


def test_where_no_actor_is_named_nothing_is_counted():
    assert CONTACT not in set(counted()["quantity"])


def test_the_prices_of_a_budget_line_are_in_the_range_of_the_post_and_of_the_visit():
    line = {
        "name": {"fr": "x", "en": "x"},
        "source": "x",
        "year": 2015,
        "amount_eur": 1.0,
        "euros": "constant",
    }
    place = where(costs__budget_lines=[line])
    of = ledger(place, rows_of(contacts("mife", 1000)))
    told = budget_lines(place, of, commitments(place, rows_of())).set_index("indicator")["value"]
    assert told["simulated"] == told["marginal"] == pytest.approx(float(1000 * CENTS) / 100, abs=0.01)
    assert told["at_low_prices"] == pytest.approx(told["simulated"] * 38 / 45 * 8 / 15)
    assert told["at_high_prices"] == pytest.approx(told["simulated"] * 55 / 45 * 25 / 15)
