"""What accounts hold, and who leaves since his does not hold the hours of the path."""

from dataclasses import replace
from functools import cache
from math import log

import numpy as np
import pytest
from deployments import tables
from worlds import SEED, SHORT, deployed, entrants, from_launch, identified

from cepsim.costing import close, ledger, quantities
from cepsim.draws import DRAW_RANGE
from cepsim.engine import compiled_engine, simpy_engine
from cepsim.experiment import RecordedRun, plan, run_scenarios
from cepsim.indicators import ALL, count, indicators
from cepsim.indicators.deterred import count_deterred
from cepsim.labels import label
from cepsim.people.accounts import HOLDERS, NO_ACCOUNT, holder, hours_held, hours_of_bilan, hours_of_paths
from cepsim.people.loads import offered_loads
from cepsim.people.profiles import PROFILES
from cepsim.report import answers, note
from cepsim.scenario.vocabulary import ACCOUNT_HOLDERS, AUTONOMY, OPERATORS, POPULATIONS
from cepsim.units import format_number

CDI, SHORT_CONTRACT, SEEKER = (HOLDERS.index(name) for name in HOLDERS)
USUAL = (*SHORT, ("financing.cpf_short", "usual_payers"))
NONE, HALF, MOST = 0, DRAW_RANGE // 2, DRAW_RANGE - 1


def mode(id_: str) -> float:
    return tables().figure(id_).mode


def held(who: int, years: float, *, part_time=False, carried=NONE, out=MOST, of=None) -> float:
    """Hours of one person. `out` at its most is somebody who has just lost his job."""
    columns = (np.array([value]) for value in (who, years, part_time, carried, out))
    return float(hours_held(of or tables(), *columns)[0])


# -- what an account holds ----------------------------------------------------------------------------


def test_twenty_hours_a_year_are_credited_from_launch_in_proportion_of_working_time():
    assert held(CDI, 0.0) == 0
    assert held(CDI, 1.0) == 20
    assert held(CDI, 2.5) == 50
    assert held(CDI, 2.0, part_time=True) == pytest.approx(40 * 0.65)
    assert held(SHORT_CONTRACT, 2.0) == pytest.approx(
        40 * mode("unit_costs.cpf_time_in_work.contrats_courts")
    )


def test_hours_carried_over_are_none_for_a_share_and_evenly_spread_for_the_others():
    # a fifth carries nothing; halfway of the draws is three eighths of the way from nothing to 100 hours
    assert held(CDI, 0.0, carried=int(0.19 * DRAW_RANGE)) == 0
    assert held(CDI, 0.0, carried=HALF) == pytest.approx(37.5)
    assert held(CDI, 0.0, carried=HALF, part_time=True) == pytest.approx(37.5 * 0.65)
    draws = np.arange(0, DRAW_RANGE, 1 << 12)
    everybody = np.full(len(draws), SEEKER)
    found = hours_held(tables(), everybody, np.zeros(len(draws)), np.zeros(len(draws), bool), draws, draws)
    assert (found == 0).mean() == pytest.approx(
        mode("unit_costs.dif_without_hours.demandeurs_emploi"), abs=1e-5
    )
    carried = mode("unit_costs.dif_hours_carried.demandeurs_emploi")
    assert found[found > 0].mean() == pytest.approx(carried, rel=1e-5)


def test_an_account_holds_no_more_than_its_cap():
    assert held(CDI, 5.999) == pytest.approx(119.98)
    assert held(CDI, 6.0) == held(CDI, 20.0) == held(CDI, 1.5, carried=MOST) == 120


def test_a_job_seeker_keeps_what_he_had_and_gains_nothing_while_out_of_work():
    # four in ten have been out of work for a year: at that draw, a year counts for nothing
    a_year = round(0.4 * DRAW_RANGE)
    assert held(SEEKER, 1.0, out=a_year) == pytest.approx(0, abs=1e-6)
    assert held(SEEKER, 3.0, out=a_year) == pytest.approx(40)
    assert held(SEEKER, 3.0, out=MOST) == pytest.approx(60)
    assert held(SEEKER, 3.0, out=NONE) == 0
    since = log(HALF / DRAW_RANGE) / log(0.4)
    assert held(SEEKER, 2.0, carried=MOST, out=HALF) == pytest.approx(50 + 20 * (2 - since), abs=1e-6)


def test_more_years_or_more_hours_carried_never_take_hours_away():
    draws = np.linspace(0, MOST, 301).astype(np.int64)
    more = deployed("cpf", *SHORT, ("figures.unit_costs.dif_hours_carried.cdi", 60)).tables
    for who in range(len(HOLDERS)):
        everybody, full = np.full(len(draws), who), np.zeros(len(draws), dtype=bool)
        before = np.zeros(len(draws))
        for years in (0.0, 0.3, 1.0, 4.0, 9.0):
            spent = (everybody, np.full(len(draws), years), full, draws, draws[::-1])
            found = hours_held(tables(), *spent)
            assert (found >= before).all()
            assert (hours_held(more, *spent) >= found).all()
            before = found


def test_who_has_no_account_holds_nothing():
    assert held(NO_ACCOUNT, 6.0, carried=MOST) == 0
    for origin in deployed("cpf", *SHORT).sources:
        account = origin.public in ACCOUNT_HOLDERS and origin.source != "csp"
        assert (holder(origin) != NO_ACCOUNT) == account
        if origin.public == "de_rupture_conventionnelle":
            assert holder(origin) == CDI


# -- what is charged ----------------------------------------------------------------------------------


def test_a_path_is_charged_the_mean_hours_of_its_interviews():
    where = deployed("cpf", *SHORT)
    paths = hours_of_paths(where.scenario, where.tables)
    at, employees, young = (
        OPERATORS.index("opacif"),
        POPULATIONS.index("salaries"),
        POPULATIONS.index("jeunes"),
    )
    # one hour and (2 - 1) x factor / mean factor more; 3 in 4 write their project in 45 minutes
    factors = dict(zip(AUTONOMY, (0.6, 1.0, 1.5), strict=True))
    mean = 0.3 * 0.6 + 0.45 * 1.0 + 0.25 * 1.5
    for level, name in enumerate(AUTONOMY):
        assert paths[at, employees, level, 0] == pytest.approx(1 + factors[name] / mean + 0.75 * 0.75)
    missions = OPERATORS.index("missions_locales")
    means = 0.1 * 0.6 + 0.4 * 1.0 + 0.5 * 1.5
    assert paths[missions, young, 1, 0] == pytest.approx(1.25 * (1 + 3 / means) + 0.6 * 1.0)
    free = where.scenario.derive({"financing.charged_to_cpf": ["bilan"]}, tables=tables())
    assert not hours_of_paths(free, where.tables).any()
    assert hours_of_bilan(where.tables) == 20
    # where a project is written in one interview or two, their mean is charged
    twice = replace(tables().figure("stages.formalisation.interviews.all.all.all.all"), high=1.5, mode=1.5)
    more = hours_of_paths(where.scenario, tables().with_overrides({twice.id: twice}))
    further = more[at, employees, AUTONOMY.index("low"), 0] - paths[at, employees, AUTONOMY.index("low"), 0]
    assert further == pytest.approx(0.5 * 1.5 / mean * 0.75 * 0.75)


# -- who is short -------------------------------------------------------------------------------------


def test_the_same_people_come_and_those_outside_the_accounts_are_not_moved():
    """The key decides who leaves; it changes no draw, no trait and no profile of anybody else."""
    ours, theirs = identified("cpf", *SHORT), identified("cpf", *USUAL)
    assert ours.index.equals(theirs.index)
    apart = ["profile"]
    assert ours.drop(columns=apart).equals(theirs.drop(columns=apart))
    short = (ours["short"] == 1) & (ours["asks"] == 1)
    assert ours["profile"][~short].equals(theirs["profile"][~short])
    assert (ours["profile"][short] >= len(PROFILES)).all()
    assert (theirs["profile"] < len(PROFILES)).all()
    flagged = ours[(ours["short"] == 1) | (ours["short_bilan"] == 1)]
    assert len(flagged) > 100
    assert set(flagged["name_of_public"]) <= set(ACCOUNT_HOLDERS)
    assert (flagged["admitted"] == 1).all()
    assert (flagged.index.get_level_values("why") != "csp").all()
    # a scenario that charges nothing reads no account
    free = identified("central", *SHORT)
    assert not free[["short", "short_bilan"]].to_numpy().any()


def test_the_share_who_are_short_at_launch_is_that_of_the_hypotheses():
    """Permanent jobs, first days: the fifth who carry nothing and those with fewer hours than the path."""
    where = deployed("cpf", *SHORT, regions=("53",))
    who = entrants("cpf", *SHORT, regions=("53",))
    of = np.array([holder(source) for source in where.sources])[who.chosen.source]
    early = (who.crowd.admitted == 1) & (who.chosen.arrival < 30 * 86_400) & (of == SEEKER)
    early &= who.crowd.autonomy == AUTONOMY.index("mid")
    short = who.crowd.short[early].mean()
    expected = 0.5 + 0.5 * 4.23 / 50
    assert early.sum() > 300
    assert short == pytest.approx(expected, abs=4 * np.sqrt(0.25 / early.sum()))


def test_fewer_are_short_as_accounts_fill_and_where_more_is_carried_over():
    more = [
        (f"figures.unit_costs.dif_{item}", value)
        for item, value in (
            ("without_hours.cdi", 0.1),
            ("without_hours.contrats_courts", 0.3),
            ("without_hours.demandeurs_emploi", 0.3),
        )
    ]
    ours, theirs = identified("cpf", *SHORT), identified("cpf", *SHORT, *more)
    assert ours.index.equals(theirs.index)
    for flag in ("short", "short_bilan"):
        assert (theirs[flag] <= ours[flag]).all()
        assert theirs[flag].sum() < ours[flag].sum()
    in_work = ours[(ours["name_of_public"] == "salaries_cdi") & (ours["admitted"] == 1)]
    spring = in_work["date"] < "2015-07-01"
    assert in_work["short"][spring].mean() > in_work["short"][~spring].mean()


def test_a_bilan_is_paid_out_of_what_the_path_leaves():
    ours = identified("cpf", *SHORT)
    asked = ours[(ours["bilan"] == 1) & (ours["short"] == 1) & (ours["population"] == 0)]
    asked = asked[asked["name_of_public"].isin(ACCOUNT_HOLDERS) & (asked["admitted"] == 1)]
    assert (asked["short_bilan"] == 1).all()
    assert ours["short_bilan"].sum() > len(asked)
    only = identified("cpf", *SHORT, ("financing.charged_to_cpf", ("bilan",)))
    assert not only["short"].any()
    assert only["short_bilan"].sum() <= ours["short_bilan"].sum()


# -- what becomes of them -----------------------------------------------------------------------------


@cache
def run(*changes, engine=compiled_engine):
    """Those who ask from launch on, served: deployment, people, trace and state."""
    return from_launch("cpf", *changes, engine=engine)


def test_whoever_is_short_leaves_from_the_accueil_and_has_no_conseil():
    where, people, _, trace, _ = run(*SHORT)
    names = where.network.exit_names
    stage = where.stations["stage"].to_numpy()[trace.visits.queue % where.network.station_count]
    short = people.short == 1
    in_conseil = np.isin(stage, ("conseil", "formalisation"))
    assert not short[trace.visits.person[in_conseil]].any()
    # a file does not ask for the account: who comes with a formed project goes straight to it
    assert short[trace.visits.person[stage == "ingenierie"]].any()
    gone = trace.exits.take(trace.exits.exit == names.index("excluded"))
    assert len(gone) > 50
    assert short[gone.person].all()
    left_at = where.stations["stage"].to_numpy()[gone.queue % where.network.station_count]
    assert set(left_at) == {"accueil"}


def test_with_the_usual_payers_nobody_leaves_and_the_account_pays_less():
    where, people, _, trace, state = run(*USUAL)
    assert where.network.exit_names.index("excluded") not in trace.exits.exit
    counted = quantities(where, people, trace, state)
    unaware = replace_flags(people, short=0, short_bilan=0)
    everything = quantities(where, unaware, trace, state)

    def total(frame, name):
        return frame[frame["quantity"] == name]["value"].sum()

    assert 0 < total(counted, "account_s") < total(everything, "account_s")
    assert 0 < total(counted, "account_bilans") < total(everything, "account_bilans")
    for name in ("bilans_conge", "bilans_refused", "used_s"):
        assert total(counted, name) == total(everything, name)
    found = ledger(where, counted)
    close(found, counted)
    assert found.rows["amount_cents"].sum() == ledger(where, everything).rows["amount_cents"].sum()


def replace_flags(people, **flags):
    columns = {name: values.copy() for name, values in vars(people).items()}
    for name, value in flags.items():
        columns[name][:] = value
    return type(people)(**columns)


def test_everybody_who_enters_is_counted_once_and_the_ledger_closes():
    where, people, of, trace, state = run(*SHORT)
    found = indicators(count(where, people, trace, state), where.population.stocks)
    whole = found[(found["period"] == ALL) & (found["operator"] == ALL)]
    gone = whole[whole["indicator"] == "exit_excluded_after_served"]
    names = where.network.exit_names
    inside = (trace.exits.second >= 0) & (trace.exits.second < where.horizon.end)
    expected = int(((trace.exits.exit == names.index("excluded")) & inside).sum())

    def of_cut(region, public):
        rows = gone[(gone["region"].isin(region)) & (gone["public"].isin(public))]
        return rows["value"].sum()

    every = set(found["public"]) - {ALL}
    assert of_cut([ALL], [ALL]) == of_cut([ALL], every) == of_cut(["94"], every) == expected > 50
    ended = whole[whole["indicator"].str.startswith("exit_")]
    ended = ended[(ended["region"] == ALL) & (ended["public"] == ALL)]
    began = ((of.arrival >= 0) & (of.arrival < where.horizon.end)).sum()
    assert ended["value"].sum() == began
    asked, without = (
        int(
            whole[
                (whole["indicator"] == name)
                & (whole["region"] == ALL)
                & (whole["stage"] == ALL)
                & (whole["public"] == ALL)
            ]["value"].sum()
        )
        for name in ("bilans", "bilans_excluded")
    )
    counted = quantities(where, people, trace, state)
    services = counted[counted["quantity"].str.startswith("bilans_")].groupby("quantity")["value"].sum()
    assert services[["bilans_conge", "bilans_refused", "bilans_psychologist"]].sum() == asked
    assert services["bilans_refused"] >= without > 0
    close(ledger(where, counted), counted)


def test_where_formalisation_alone_is_charged_people_leave_after_their_conseil():
    where, people, _, trace, _ = run(*SHORT, ("financing.charged_to_cpf", ("formalisation",)))
    gone = trace.exits.take(trace.exits.exit == where.network.exit_names.index("excluded"))
    left_at = where.stations["stage"].to_numpy()[gone.queue % where.network.station_count]
    assert len(gone) > 0
    assert set(left_at) == {"conseil"}
    assert people.short[gone.person].all()


def test_conseils_that_are_not_given_are_no_load():
    loads = [
        offered_loads(deployed("cpf", *changes), [entrants("cpf", *changes)])
        .groupby(["operator", "role"])["hours_needed"]
        .sum()
        for changes in (SHORT, USUAL)
    ]
    assert loads[0]["pole_emploi", "advisers"] < loads[1]["pole_emploi", "advisers"]
    assert loads[0]["opacif", "first_line"] == pytest.approx(loads[1]["opacif", "first_line"])


def test_both_engines_exclude_the_same_people():
    _, _, _, ours, ends = run(*SHORT)
    _, _, _, theirs, other = run(*SHORT, engine=simpy_engine)
    assert ours.equals(theirs)
    assert ends.equals(other)


# -- who does not come --------------------------------------------------------------------------------


def test_the_deterred_are_those_who_would_ask_if_nothing_were_charged_person_by_person():
    where = deployed("cpf", *SHORT)
    who = entrants("cpf", *SHORT)
    found = count_deterred(where, who.crowd, who.entry, who.chosen.arrival, seed=SEED, replication=0)
    ours, free = identified("cpf", *SHORT), identified("central", *SHORT)
    free = free[(free["asks"] == 1) & free["arrival"].between(0, where.horizon.end - 1)]
    still = ours.reindex(free.index)["asks"] == 1
    gone = free[~still]
    assert found["count"].sum() == len(gone) > 40
    by_public = found.groupby("public", observed=True)["count"].sum()
    assert by_public.to_dict() == gone["name_of_public"].value_counts().to_dict()
    assert set(found["public"]) <= set(ACCOUNT_HOLDERS)
    assert (found["count"] > 0).all()
    assert set(found["stage"]) == {"accueil"}
    assert set(found["admitted"]) == {1}
    # some come straight to an accueil, others ask for information and stop there
    assert 0 < ours.index.isin(gone.index).sum() < len(gone)


def test_nobody_is_deterred_where_nothing_is_charged():
    where, who = deployed("central", *SHORT), entrants("central", *SHORT)
    columns = (who.crowd, who.entry, who.chosen.arrival)
    assert count_deterred(where, *columns, seed=SEED, replication=0) is None


# -- what is told -------------------------------------------------------------------------------------


def test_the_note_says_how_many_are_excluded_and_whom(tmp_path):
    planned = plan(["cpf"], regions=["94"], replications=1, years=1, follow_up_years=0)
    run_scenarios(planned, workers=1).write(tmp_path / "run")
    recorded = RecordedRun.of(tmp_path / "run", tables())
    told = {table.key: table for table in note(recorded, "fr")}
    row = next(row for row in told["open_questions"].rows if row[1].startswith("Qui serait exclu"))
    frame = recorded.indicators
    frame = frame[(frame["scenario"] == "cpf") & (frame["period"] == ALL) & (frame["operator"] == ALL)]
    frame = frame[(frame["region"] == ALL) & (frame["indicator"] == "exit_excluded_after_served")]
    people = frame.set_index(["stage", "public"])["mean"]["accueil"]
    assert f"{people[ALL]:.0f} personnes exclues" in row[2]
    assert f"{label('public.de_autres', 'fr')} {people['de_autres']:.0f}" in row[2]
    lost = {table.key: table for table in answers(recorded, "fr")}["losses"]
    assert any("faute d'heures" in cell for cells in lost.rows for cell in cells)
    deterred = recorded.indicators[recorded.indicators["indicator"] == "deterred"]
    deterred = deterred[(deterred[["region", "operator", "stage", "public", "period"]] == ALL).all(axis=1)]
    (count_of,) = deterred["mean"]
    assert f"En plus, {format_number(count_of, 'fr')} personnes ne demandent pas" in row[2]
    coverage = {table.key: table for table in answers(recorded, "fr")}["coverage"]
    told = [cells for cells in coverage.rows if cells[0] == "dissuadés par le CPF (personnes) : ensemble"]
    assert [cells[-1] for cells in told] == [format_number(count_of, "fr")]
    assert "deterred" not in set(recorded.indicators.query("scenario != 'cpf'")["indicator"])
