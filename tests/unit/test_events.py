"""What befalls operators on a date: one stops, a budget is cut, the people of a shock come first."""

from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest
from deployments import population, scenario, tables
from sharded import at_once, in_parts
from worlds import CORSE, SHOCK, SHORT, identified

from cepsim.costing import close, ledger, quantities
from cepsim.engine import compiled_engine, simpy_engine
from cepsim.errors import ScenarioError
from cepsim.experiment.pipeline import Measured
from cepsim.labels.messages import message
from cepsim.people.deploy import deploy
from cepsim.people.population_tape import draw_entrants, draw_people
from cepsim.people.posts import PostBook
from cepsim.people.spells import spells
from cepsim.scenario.events import Shock
from cepsim.trace import Outcome, Reason
from cepsim.units import SECONDS_PER_DAY

#: Day of 1 July 2015, from 1 January.
JULY = 181
CLOSURE = {
    "operator": "opacif",
    "heir": "apec",
    "from_date": date(2015, 7, 1),
    "posts": "end",
    "reason": "a test",
}
CUT = {
    "ways": ["cif_cdi"],
    "from_date": date(2015, 7, 1),
    "change": -0.5,
    "reason": "a test",
}


def derived(name="central", **changes):
    """A scenario with events, for a year without follow-up; `__` stands for the dot of a key."""
    keys = {key.replace("__", "."): value for key, value in changes.items()}
    return scenario(name).derive({**dict(SHORT), **keys}, name=name, tables=tables())


class World:
    """A scenario run in Corse from empty: what is compiled, who comes, what happens."""

    def __init__(self, of):
        self.where = deploy(of, tables(), CORSE)
        self.crowd, self.tape = draw_people(self.where, seed=7, replication=0)
        self.trace, self.state = self.run(compiled_engine)

    def run(self, engine):
        horizon = self.where.horizon
        return engine.run(self.where.network, self.tape, None, horizon.begin, horizon.observed)

    @property
    def visits(self):
        """One row a visit, with the name of its station, its operator and its second of joining."""
        found = self.trace.visits.frame()
        station = found["queue"].to_numpy() % self.where.network.station_count
        names = np.array(self.where.network.station_names, dtype=object)[station]
        return found.assign(station=names, operator=self.where.stations["operator"].to_numpy()[station])

    def quantity(self, name):
        """A quantity by operator."""
        found = quantities(self.where, self.crowd, self.trace, self.state)
        return found[found["quantity"] == name].groupby("operator")["value"].sum()


@cache
def calm():
    return World(derived())


@cache
def closed(posts="end", operator="opacif", heir="apec"):
    return World(derived(staff__closures=[{**CLOSURE, "posts": posts, "operator": operator, "heir": heir}]))


# -- an operator that stops -----------------------------------------------------------------------------


def test_nobody_joins_an_operator_that_has_stopped_and_everybody_is_somewhere():
    world = closed()
    late = world.visits.query(f"joined >= {JULY * SECONDS_PER_DAY}")
    # the commissions of the OPACIF finance: they go on
    there = late[late["operator"] == "opacif"]
    assert set(there["station"]) == {"opacif.commission_cdi", "opacif.commission_cdd"}
    assert {"apec.telephone", "apec.accueil", "apec.conseil"} <= set(late["station"])
    left = np.bincount(world.trace.exits.person, minlength=len(world.crowd))
    here = np.bincount(world.state.people.person, minlength=len(world.crowd))
    assert (left + here == 1).all()


def test_before_the_date_nothing_moves():
    one, other = calm().visits, closed().visits
    key = ["joined", "called", "station", "outcome"]
    july = JULY * SECONDS_PER_DAY
    before = [found.query(f"joined < {july} and 0 <= ended < {july}") for found in (one, other)]
    assert len(before[0]) > 10_000
    rows = [found.sort_values(["joined", "person", "visit"])[key].reset_index(drop=True) for found in before]
    pd.testing.assert_frame_equal(*rows)


def test_those_who_waited_and_those_between_two_interviews_go_to_the_same_stage_of_the_heir():
    visits = closed().visits
    handed = visits[visits["outcome"] == Outcome.HANDED_OVER]
    received = visits[visits["reason"] == Reason.HANDED_OVER]
    assert len(handed) > 20
    assert set(handed["ended"]) == {JULY * SECONDS_PER_DAY}
    stages = [of["station"].str.split(".").str[1].tolist() for of in (handed, received)]
    assert stages[0] == stages[1]
    series = visits[(visits["reason"] == Reason.SERIES) & (visits["operator"] == "apec")]
    first = visits[(visits["station"] == "opacif.conseil") & (visits["outcome"] == Outcome.SERVED)]
    assert len(set(series["person"]) & set(first["person"])) > 5


def test_an_operator_that_stops_works_only_on_what_was_begun():
    world = closed()
    calls = world.visits.query("operator == 'opacif' and adviser >= 0")
    assert calls["called"].max() < JULY * SECONDS_PER_DAY
    teams = [n for n, name in enumerate(world.where.network.team_names) if name.startswith("opacif.")]
    duty = world.trace.duty.frame()
    late = duty[duty["team"].isin(teams) & (duty["second"] >= JULY * SECONDS_PER_DAY)]
    assert (late["advisers"] == 0).all()


def test_posts_end_or_become_the_heir_s():
    calm_etp, gone, kept = (
        world.where.staff.assign(operator=world.where.teams["operator"].to_numpy()[world.where.staff["team"]])
        .query("year == 2015")
        .groupby("operator")["etp"]
        .sum()
        for world in (calm(), closed(), closed("heir"))
    )
    # those of the ramp come month after month: fewer than half of the year's are of its first half
    assert 0.35 * calm_etp["opacif"] < gone["opacif"] < 0.5 * calm_etp["opacif"]
    assert gone["opacif"] == kept["opacif"]
    assert gone["apec"] == pytest.approx(calm_etp["apec"])
    assert kept.sum() == pytest.approx(calm_etp.sum())
    # more hands, more people received
    assert closed("heir").quantity("persons_received")["apec"] > closed().quantity("persons_received")["apec"]


def test_people_are_received_where_they_are_and_bilans_go_on():
    before, after = calm(), closed("heir")
    assert after.quantity("persons_received")["opacif"] < before.quantity("persons_received")["opacif"]
    assert after.quantity("persons_received")["apec"] > before.quantity("persons_received")["apec"]
    asked = [
        sum(world.quantity(name).sum() for name in ("bilans_conge", "bilans_refused"))
        for world in (before, after)
    ]
    assert after.quantity("bilans_conge")["apec"] > 0
    assert asked[1] == pytest.approx(asked[0], rel=0.15)
    # nobody enters a conseil twice for having changed operator in a series
    visits = after.visits
    conseil = visits[visits["station"].str.endswith(".conseil") & (visits["called"] >= 0)]
    conseil = conseil[conseil["outcome"] == Outcome.SERVED]
    once = after.quantity("persons_entering_conseil").sum()
    assert once <= conseil["person"].nunique() + len(after.state.people)


@pytest.mark.parametrize(("operator", "heir"), [("opacif", "apec"), ("pole_emploi", "missions_locales")])
def test_both_engines_agree_on_an_operator_that_stops(operator, heir):
    world = closed("heir", operator, heir)
    trace, state = world.run(simpy_engine)
    assert trace.equals(world.trace)
    assert state.equals(world.state)


def test_the_platform_loses_or_gains_the_posts_of_the_regions_of_a_closure():
    codes = ["53", "52"]

    def platform(**changes):
        of = derived(staff__closures=[{**CLOSURE, "regions": ["53"], **changes}])
        book = PostBook(of, tables(), population(), calm().where.horizon)
        return spells(book, "pole_emploi", "first_line", "telephone", codes).posts.paid, book

    whole, book = platform(operator="apec", heir="opacif")
    july = book.position(date(2015, 7, 1))
    alone = book.first_line("pole_emploi", ["52"], "telephone").paid
    gone, _ = platform(operator="pole_emploi", heir="opacif")
    assert gone[:july] == pytest.approx(whole[:july])
    assert gone[july:] == pytest.approx(alone[july:])
    more, _ = platform(operator="apec", heir="pole_emploi", posts="heir")
    desk = spells(book, "pole_emploi", "first_line", "face_to_face", codes)
    given = book.first_line("apec", ["53"], "").paid[july:]
    part = book.part_of_channel("pole_emploi", "telephone")
    assert 0 < part < 1
    assert more[july:] - whole[july:] == pytest.approx(part * given)
    assert desk.handed == ()


def test_posts_that_change_hands_are_not_hired_again_and_learners_learn_on():
    of = derived(staff__closures=[{**CLOSURE, "posts": "heir"}])
    book = PostBook(of, tables().with_overrides(of.figures), population(), calm().where.horizon)
    own, heir = (spells(book, name, "advisers", "", CORSE) for name in ("opacif", "apec"))
    unbroken = book.advisers("opacif", CORSE)
    alone = book.advisers("apec", CORSE)
    assert unbroken.new.max() > 0
    assert own.arrivals + heir.arrivals == pytest.approx(book.arrivals(unbroken) + book.arrivals(alone))
    both = book.productive(unbroken) + book.productive(alone)
    assert own.productive + heir.productive == pytest.approx(both)


def test_who_waits_for_a_meeting_goes_to_the_heir_s_meetings_or_to_its_desk():
    network = closed().where.network
    station = network.station_names.index("opacif.collectif")
    heir = network.station_names[network.queues.heir[station]]
    desk = network.station_names.index("apec.collectif")
    first, last = network.queues.session_start[desk : desk + 2]
    assert heir == ("apec.collectif" if last > first else "apec.guichet")
    held = network.queues.session_start[station : station + 2]
    seconds = network.queues.session_second[held[0] : held[1]]
    assert (seconds < JULY * SECONDS_PER_DAY).all()
    closes = int(network.queues.closes_at[station])
    team = int(network.queues.team[network.station_names.index("apec.guichet")])
    calendar = network.teams.calendar[team]
    opens = network.teams.opens[slice(*network.teams.calendar_start[calendar : calendar + 2])]
    assert closes == JULY * SECONDS_PER_DAY if last > first else closes in opens


# -- a budget that changes ------------------------------------------------------------------------------


def test_a_cut_budget_accepts_fewer_files_from_its_date_on_and_refuses_more():
    cut = World(derived(service__commission_budget_changes=[{**CUT, "change": -0.8}]))
    found = []
    for world in (calm(), cut):
        rows = world.visits
        at = rows[rows["station"].str.startswith("opacif.commission")]
        when = np.where(at["outcome"] == Outcome.REFUSED, at["ended"], at["called"])
        late = np.where(when >= JULY * SECONDS_PER_DAY, "late", "early")
        found.append(at.groupby([at["station"], late, at["outcome"]]).size())
    cdi, cdd, refused = "opacif.commission_cdi", "opacif.commission_cdd", int(Outcome.REFUSED)
    served = int(Outcome.SERVED)
    assert found[0][cdi, "early"].equals(found[1][cdi, "early"])
    assert found[0][cdd].equals(found[1][cdd])
    accepted = [of.get((cdi, "late", served), 0) for of in found]
    assert accepted[1] < 0.8 * accepted[0]
    assert found[1][cdi, "late", refused] > found[0].get((cdi, "late", refused), 0)
    assert cut.run(simpy_engine)[0].equals(cut.trace)


def test_changes_of_one_budget_multiply_and_hold_in_their_regions_alone():
    def budgets(*changes):
        where = deploy(derived(service__commission_budget_changes=list(changes)), tables(), ("94", "03"))
        queues, names = where.network.queues, where.network.station_names
        found = []
        for lane in range(2):
            queue = lane * len(names) + names.index("opacif.commission_cdi")
            here = slice(*queues.session_start[queue : queue + 2])
            found.append((queues.session_second[here], queues.session_budget[here]))
        return dict(zip(where.regions, found, strict=True))

    plain = budgets()
    other = budgets(
        {**CUT, "regions": ["94"]}, {**CUT, "regions": ["94"], "change": 0.2, "from_date": date(2015, 10, 1)}
    )
    seconds, base = plain["94"]
    day = seconds // SECONDS_PER_DAY
    wanted = base * np.where(day < JULY, 1.0, np.where(day < 273, 0.5, 0.6))
    assert other["94"][1] == pytest.approx(wanted, abs=1)
    assert (other["03"][1] == plain["03"][1]).all()


# -- people of a shock who come first -------------------------------------------------------------------


@cache
def shocked(priority):
    return World(derived(demand__shocks=[{**SHOCK, "priority": priority}]))


def classes(world):
    """Who comes first: service classes are by pairs."""
    return world.tape.service_class % 2 == 1


def test_those_whom_the_shock_brings_come_first_and_nobody_else_does():
    plain, first = shocked(False), shocked(True)
    assert not classes(plain).any()
    assert np.array_equal(plain.tape.arrival, first.tape.arrival)
    calm_people = identified("central", *SHORT).index
    more = identified("central", *SHORT, ("demand.shocks", (Shock.model_validate(SHOCK),))).index
    assert np.array_equal(classes(first), ~more.isin(calm_people))
    assert classes(first).sum() > 100


def test_the_others_keep_their_order_among_themselves_and_those_brought_wait_less():
    plain, first = shocked(False), shocked(True)
    brought = classes(first)
    waits = []
    for world in (plain, first):
        rows = world.visits.query("station == 'opacif.accueil' and called >= 0")
        rows = rows[rows["reason"] == Reason.FIRST]
        mine = rows[brought[rows["person"]]]
        waits.append((mine["called"] - mine["joined"]).mean())
    assert waits[1] < 0.8 * waits[0]
    rows = first.visits.query("station == 'opacif.accueil' and called >= 0")
    others = rows[~brought[rows["person"]]].sort_values(["joined", "person"])
    assert len(others) > 100
    assert (np.diff(others["called"]) >= 0).all()
    assert first.run(simpy_engine)[0].equals(first.trace)


def test_a_shock_with_priority_brings_the_same_people_where_nobody_is_admitted():
    of = derived("reference", demand__shocks=[{**SHOCK, "priority": True}])
    who = draw_entrants(deploy(of, tables(), CORSE), seed=7, replication=0)
    assert (who.service_class % 2 == 1).sum() > 100


# -- what cannot be -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"staff__closures": [{**CLOSURE, "heir": "opacif"}]}, "attendu un opérateur autre que opacif"),
        (
            {"staff__closures": [{**CLOSURE, "from_date": date(2014, 12, 31)}]},
            "staff.closures[0].from_date : trouvé 2014-12-31, attendu la date de lancement, 2015-01-01",
        ),
        (
            {"staff__closures": [CLOSURE, {**CLOSURE, "operator": "apec", "heir": "cap_emploi"}]},
            "attendu un opérateur qui ne s'arrête dans aucune de ces régions",
        ),
        (
            {"staff__closures": [CLOSURE, {**CLOSURE, "regions": ["94"]}]},
            "attendu un opérateur qui s'arrête une fois dans une région",
        ),
        ({"staff__closures": [{**CLOSURE, "regions": ["00"]}]}, "staff.closures[0].regions"),
        ({"staff__closures": [{**CLOSURE, "vintage": "ex_post"}]}, "staff.closures[0].vintage"),
        (
            {"staff__closures": [CLOSURE], "service__financer_apart": True},
            "puisque service.financer_apart est true",
        ),
        (
            {
                "staff__closures": [CLOSURE],
                "staff__changes": [
                    {
                        "operator": "opacif",
                        "from_date": date(2015, 9, 1),
                        "etp": 3.0,
                        "character": "new",
                        "reason": "a test",
                    }
                ],
            },
            "staff.changes[0].from_date : trouvé 2015-09-01, attendu un jour avant le 2015-07-01",
        ),
        (
            {"service__commission_budget_changes": [{**CUT, "change": 0.0}]},
            "commission_budget_changes[0].change",
        ),
        (
            {"service__commission_budget_changes": [{**CUT, "from_date": date(2014, 1, 1)}]},
            "commission_budget_changes[0].from_date",
        ),
        (
            {"service__commission_budget_changes": [CUT], "service__commissions": False},
            "attendu true, puisque commission_budget_changes n'est pas vide",
        ),
        (
            {"demand__shocks": [{**SHOCK, "change": -0.5, "priority": True}]},
            "attendu false, puisque le choc n'amène personne",
        ),
    ],
)
def test_what_cannot_happen_is_refused_in_french(changes, said):
    with pytest.raises(ScenarioError) as refused:
        derived(**changes)
    assert said in message(refused.value, "fr")


def test_regions_apart_may_each_have_their_closure_and_an_heir_that_stops_elsewhere():
    of = derived(
        staff__closures=[
            {**CLOSURE, "regions": ["94"]},
            {**CLOSURE, "operator": "apec", "heir": "opacif", "regions": ["53"]},
        ]
    )
    assert len(of.staff.closures) == 2


def test_parts_put_together_are_the_regions_run_whole_where_an_operator_stops_in_one():
    closure = {**CLOSURE, "heir": "pole_emploi", "posts": "heir", "regions": ["94"]}
    of, codes = derived(staff__closures=[closure]), ["74", "94"]
    found, expected = in_parts(of, tables(), codes), at_once(of, tables(), codes)
    assert list(found) == ["pole_emploi.first_line.telephone.national", *codes]
    together = Measured.merge(list(found.values()))
    assert together.counts.equals(expected.counts)
    pd.testing.assert_frame_equal(together.quantities, expected.quantities)


def test_money_closes_where_work_is_finished_in_a_year_without_posts():
    at_launch = {**CLOSURE, "operator": "cap_emploi", "from_date": date(2015, 1, 1)}
    at_new_year = {**CLOSURE, "from_date": date(2016, 1, 1), "posts": "heir"}
    world = World(derived(calendar__years=2, staff__closures=[at_launch, at_new_year]))
    found = quantities(world.where, world.crowd, world.trace, world.state)
    priced = ledger(world.where, found)
    close(priced, found)
    rows = priced.rows[(priced.rows["operator"] == "opacif") & (priced.rows["year"] == 2016)]
    work = rows[rows["nature"].str.startswith("advisers_")]
    # files begun before are finished, and nothing else is paid of them
    assert set(work["nature"]) <= {"advisers_overtime"}
    assert 0 <= work["amount_cents"].sum() < 500_000
