"""The actors of slide 7: what they have, answer and cost, and who informs in place of an operator."""

from functools import cache

import numpy as np
import pytest
from deployments import population, scenario, tables
from worlds import SEED, SHORT, deployed, entrants, from_launch, identified, variant

from cepsim.costing.actors import CHARACTER, FRANCE, actors, contact_price
from cepsim.engine import compiled_engine, simpy_engine
from cepsim.errors import ScenarioError
from cepsim.experiment.pipeline import warm_up_scenario
from cepsim.indicators import count
from cepsim.people.crowd import CHANNELS
from cepsim.people.deploy import deploy
from cepsim.people.loads import offered_loads
from cepsim.people.population_tape import draw_people
from cepsim.people.shards import parts_of
from cepsim.report.actors import actor_tables
from cepsim.scenario.vocabulary import POPULATIONS
from cepsim.tables.actors import FULL_OPERATOR, TRAINING_BODY, actor_rows, informing_actors

MANY = ("service.informing_actors", ("mife", "cites_metiers", "cidff", "mef", "cio", "ij"))
MIFE = ("service.informing_actors", ("mife",))
YOUTH = ("service.informing_actors", ("ij",))
SENT = "demand.all.contacts.share_sent_to_informing_actors"
OPEN = "demand.all.capacity.informing_actors_open_share"
YOUNG = POPULATIONS.index("jeunes")


@cache
def frame(*regions: str):
    return actors(tables(), population(), regions)


def ends(actor: str, quantity: str, item: str = "", region: str = FRANCE) -> tuple[float, float, float]:
    found = frame("94", "53")
    (row,) = found[
        (found["region"] == region)
        & (found["actor"] == actor)
        & (found["quantity"] == quantity)
        & (found["item"] == item)
    ].itertuples()
    return row.low, row.mode, row.high


def has(actor: str, quantity: str) -> bool:
    found = frame("94", "53")
    return bool(((found["actor"] == actor) & (found["quantity"] == quantity)).any())


def figure(id_: str) -> tuple[float, float, float]:
    found = tables().figure(id_)
    return found.low, found.mode, found.high


# --- the table ----------------------------------------------------------------------------------------


def test_every_actor_of_slide_7_is_there_with_its_staff_or_its_answers():
    assert list(dict.fromkeys(frame()["actor"])) == [row["actor"] for row in actor_rows(tables())]


def test_hours_of_a_stage_are_staff_times_direct_hours_times_its_part_of_the_role():
    # 1 + 1 + 1 + 0.5 + 0.5: a quarter of the role is information, an eighth formalisation
    staff, hours = figure("actors.mife.staff_fte"), 1607.0
    direct = figure("unit_costs.direct_service_share.dedicated_cep_adviser")
    for item, part in (("information", 1 / 4), ("formalisation", 1 / 8)):
        wanted = [s * hours * d * part for s, d in zip(staff, direct, strict=True)]
        assert ends("mife", "hours", item) == pytest.approx(wanted)


def test_hours_of_all_stages_are_those_of_the_staff():
    found = frame()[(frame()["quantity"] == "hours") & (frame()["actor"] == "plie")]
    direct = figure("unit_costs.direct_service_share.dedicated_cep_adviser")[1]
    assert found["mode"].sum() == pytest.approx(figure("actors.plie.staff_fte")[1] * 1607 * direct)


def test_contacts_able_are_hours_of_information_over_the_length_of_a_visit():
    low, mode, high = ends("mife", "hours", "information")
    short, usual, long = (
        minutes / 60 for minutes in figure("stages.information.walkin_duration.all.all.all.all")
    )
    assert ends("mife", "contacts_able") == pytest.approx((low / long, mode / usual, high / short))


def test_of_who_receives_pupils_the_contacts_of_adults_alone_are_counted():
    mode = ends("cio", "hours", "information")[1]
    _, part, _ = figure("actors.cio.share_adult_public")
    assert ends("cio", "contacts_able")[1] == pytest.approx(mode * part / 0.25)


def test_whom_an_actor_answers_is_told_in_its_unit_and_in_contacts_where_a_figure_says_how_many():
    assert ends("cidff", "answered_contacts") == figure("actors.cidff.persons_per_year")
    _, persons, _ = figure("actors.cad.persons_per_year")
    assert ends("cad", "answered_contacts")[1] == pytest.approx(persons / 0.8)
    low, interviews, high = figure("actors.prc_vae.persons_per_year")
    least, share, most = figure("actors.prc_vae.p_continue_vae")
    wanted = (low / most, interviews / share, high / least)
    assert ends("prc_vae", "answered_contacts") == pytest.approx(wanted)
    # people followed for two years, clients of a bilan, bilans: no first contacts
    for actor in ("plie", "cibc", "bdc_private"):
        assert has(actor, "answered")
        assert not has(actor, "answered_contacts")


def test_an_actor_costs_its_posts_at_the_price_that_its_row_names():
    names = {row["actor"]: row["cost"] for row in actor_rows(tables())}
    for actor in ("mife", "cad", "cio", "cibc"):
        each = figure(f"unit_costs.full_cost_per_fte.{names[actor]}")
        wanted = [s * e for s, e in zip(figure(f"actors.{actor}.staff_fte"), each, strict=True)]
        assert ends(actor, "cost") == pytest.approx(wanted)


def test_payers_pay_the_whole_cost_where_the_tables_name_them():
    for actor in ("mife", "cidff", "opacif"):
        paid = frame()[(frame()["actor"] == actor) & (frame()["quantity"] == "paid")]
        assert paid["mode"].sum() == pytest.approx(ends(actor, "cost")[1])


def test_every_cost_but_those_of_the_operators_is_financed_elsewhere():
    costs = frame()[frame()["unit"] == "eur_per_year"]
    operators = costs["role"] == FULL_OPERATOR
    assert set(costs.loc[~operators, "character"]) == {CHARACTER}
    assert set(costs.loc[operators, "character"]) == {""}


def test_a_training_body_has_no_staff_no_cost_and_no_stage():
    of = frame()[frame()["actor"] == TRAINING_BODY]
    assert set(of["quantity"]) == {"staff", "answered"}
    assert (of["high"] == 0).all()


def test_regions_share_france_by_their_active_population():
    active = population().stocks.sum(axis=1)
    part = active["94"] / active.sum()
    assert ends("ij", "cost", region="94") == pytest.approx([v * part for v in ends("ij", "cost")])
    assert ends("ij", "cost_per_fte", region="94") == ends("ij", "cost_per_fte")
    every = actors(tables(), population(), list(active.index))
    staff = every[(every["quantity"] == "staff") & (every["actor"] == "ij")].set_index("region")["mode"]
    assert staff.drop(FRANCE).sum() == pytest.approx(staff[FRANCE])


def test_every_range_is_in_order_and_says_what_it_follows_from():
    assert (frame()["low"] <= frame()["mode"]).all()
    assert (frame()["mode"] <= frame()["high"]).all()
    assert all(tables().has(id_) for ids in frame()["figures"] for id_ in ids.split(" + "))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_tables_hold_a_row_an_actor_in_both_languages(language):
    found = actor_tables(frame("94"), tables(), language, {"94": "Corse"})
    assert [len(table.rows) for table in found[:4]] == [len(actor_rows(tables()))] * 4
    assert {row[0] for row in found[4].rows} == {"Corse"}


# --- who may inform -----------------------------------------------------------------------------------


def refused(*codes: str) -> ScenarioError:
    with pytest.raises(ScenarioError) as caught:
        scenario("central").derive({"service.informing_actors": list(codes)}, tables=tables())
    return caught.value


def test_operators_and_bodies_without_staff_to_inform_are_not_among_those_who_may():
    found = informing_actors(tables())
    assert {"mife", "cidff", "prc_vae", "cio", "ij", "cbe"} <= set(found)
    assert not {"of", "opacif", "pole_emploi", "cibc", "bdc_private", "spo_portal"} & set(found)


def test_a_training_body_is_refused_wherever_it_is_named_with_the_reason():
    reason = "counsel and training are kept apart (slide 2)"
    assert reason in refused("mife", "of").remedy
    central = scenario("central")
    change = {"operator": "of", "from_date": "2015-01-01", "etp": 1.0, "character": "new", "reason": "x"}
    for key, value in (
        ("staff.changes", [change]),
        ("financing.mutualised.operators", ["of"]),
        ("financing.mutualised.operators", ["organismes_de_formation"]),
        ("figures.actors.of.weight_conseil", 1.0),
        ("figures.actors.of.staff_fte", 10.0),
    ):
        with pytest.raises(ScenarioError) as caught:
            central.derive({key: value}, tables=tables())
        assert any(reason in problem.remedy for problem in caught.value.problems), key


def test_an_unknown_actor_is_refused_with_the_nearest_and_one_that_does_not_inform_with_the_list():
    assert refused("mif").remedy == 'Did you mean "mife"?'
    assert "mife, cites_metiers" in refused("cibc").expected
    assert "Remove it" in refused("opacif").remedy
    assert "more than once" in str(refused("mife", "mife"))
    assert "between quotes" in refused("MIFE").expected


# --- in a run -----------------------------------------------------------------------------------------


def test_the_same_people_come_at_the_same_time_with_the_same_traits():
    without, with_them = identified("central", *SHORT), identified("central", *SHORT, MANY)
    moved = ["station", "profile", "person", "alternate"]
    assert without.drop(columns=moved).equals(with_them.drop(columns=moved))
    assert (without["person"] == with_them["person"]).all()


def test_only_people_admitted_who_would_have_come_to_a_first_line_are_sent_to_an_actor():
    found, before = identified("central", *SHORT, MANY), identified("central", *SHORT)
    sent = found["station"].str.endswith(".relais")
    assert sent.any()
    assert (found.loc[sent, "admitted"] == 1).all()
    assert set(before.loc[sent, "station"].str.split(".").str[1]) <= {"telephone", "guichet"}
    assert (found.loc[~sent, "station"] == before.loc[~sent, "station"]).all()
    assert (found["operator"] == before["operator"]).all()


def test_they_are_the_share_of_the_tables_where_actors_are_many():
    where, who = deployed("central", *SHORT, MANY), entrants("central", *SHORT, MANY)
    np.testing.assert_allclose(where.informed, tables().figure(SENT).mode)
    at_desk = (who.crowd.admitted == 1) & np.isin(who.crowd.channel, [0, 1])
    relays = np.flatnonzero([name.endswith(".relais") for name in where.network.station_names])
    share = np.isin(who.entry, relays)[at_desk].mean()
    n = int(at_desk.sum())
    assert CHANNELS[:2] == ("telephone", "face_to_face")
    assert abs(share - 0.15) < 4 * (0.15 * 0.85 / n) ** 0.5


def test_few_actors_answer_what_their_open_hours_allow_and_no_more():
    (shares,) = deployed("central", *SHORT, MIFE).informed
    assert 0 < shares[0] == shares[1] < tables().figure(SENT).mode
    (half,) = deployed("central", *SHORT, MIFE, (f"figures.{OPEN}", 0.125)).informed
    assert half == pytest.approx(shares / 2)
    # contacts of a year in which the right is known, at that share, are those hours
    able = ends("mife", "contacts_able", region="94")[1] * tables().figure(OPEN).mode
    who = entrants("central", *SHORT, MIFE)
    came = ((who.crowd.admitted == 1) & (who.crowd.channel != CHANNELS.index("direct"))).sum()
    assert came * shares[0] / 0.8 < able


def test_youth_actors_answer_the_young_alone():
    (shares,) = deployed("central", *SHORT, YOUTH).informed
    assert shares[0] == 0 < shares[1]
    found = identified("central", *SHORT, YOUTH)
    sent = found["station"].str.endswith(".relais")
    assert sent.any()
    assert (found.loc[sent, "population"] == YOUNG).all()


def test_first_lines_have_less_to_do():
    def hours(*changes):
        people = [entrants("central", *SHORT, *changes)]
        found = offered_loads(deployed("central", *SHORT, *changes), people)
        return found[found["role"] == "first_line"]["hours_needed"].sum()

    assert hours(MANY) < 0.95 * hours()


@cache
def run(name: str, *changes):
    """From launch on, from nobody, compiled."""
    where, people, _, trace, state = from_launch(name, *SHORT, *changes)
    return where, people, trace, state


def volumes(name: str, *changes):
    return count(*run(name, *changes)).volumes.groupby("measure", observed=True)["count"].sum()


def test_whom_they_answer_is_counted_apart_and_is_in_no_first_line():
    with_them, without = volumes("central", MANY), volumes("central")
    assert "informed_elsewhere" not in without
    assert with_them["informed_elsewhere"] > 0
    for measure in ("contacts", "answered", "calls"):
        assert with_them[measure] < without[measure]
    # nobody is lost there: more of the same people ask for an accueil
    assert with_them["ask_accueil"] > without["ask_accueil"]


def test_nobody_waits_at_another_actor_and_who_asks_for_more_joins_his_operator_s_accueil():
    where, _, trace, _ = run("central", MANY)
    station = trace.visits.queue % where.network.station_count
    names = np.array(where.network.station_names, dtype=object)[station]
    operator, of = (np.array([name.split(".")[n] for name in names], dtype=object) for n in (0, 1))
    relays = of == "relais"
    assert (trace.visits.called[relays] == trace.visits.joined[relays]).all()
    person = trace.visits.person
    goes_on = relays[:-1] & (person[1:] == person[:-1])
    assert set(of[1:][goes_on]) == {"relais_repeat", "accueil"}
    assert (operator[1:][goes_on] == operator[:-1][goes_on]).all()


def test_where_nobody_is_admitted_nothing_moves():
    one, other = count(*run("reference")), count(*run("reference", MANY))
    assert one.equals(other)


def test_the_warm_up_has_the_same_stations():
    of = variant("central", *SHORT, MANY)
    world = deploy(warm_up_scenario(of, tables()), tables(), ["94"])
    assert world.network.station_names == deployed("central", *SHORT, MANY).network.station_names
    assert warm_up_scenario(scenario("central"), tables()).service.informing_actors == ()


def test_regions_are_still_run_one_by_one_after_the_platform():
    parts = parts_of(deploy(variant("central", *SHORT, MANY), tables(), ["94", "74"]))
    assert [part.is_home for part in parts] == [False, True, True]


def test_both_engines_write_the_same_trace():
    where = deployed("central", *SHORT, MANY)
    _, of = draw_people(where, seed=SEED, replication=0)
    of = of.take((of.arrival >= 0) & (of.arrival < 60 * 86_400))
    one, other = (e.run(where.network, of, None, 0, 120 * 86_400) for e in (simpy_engine, compiled_engine))
    assert one[0].equals(other[0])
    assert one[1].equals(other[1])


def test_a_contact_costs_the_time_of_a_visit_at_the_cost_of_a_post():
    low, mode, high = contact_price(tables(), "mife")
    assert mode == pytest.approx(45_000 / (1607 * 0.55) * 0.25)
    assert low < mode < high
    assert contact_price(tables(), "cio").mode == pytest.approx(68_000 / (1607 * 0.55) * 0.25)
