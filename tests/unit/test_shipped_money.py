"""Who pays, and whose bilan and file it is: accounts, funds, bilans, a financer apart."""

from dataclasses import replace

import numpy as np
import pytest
from deployments import scenario, tables
from shipped import after_launch, changed, figures_of, loads
from worlds import SEED, SHORT, deployed, identified

from cepsim.costing import BILANS_BY_DEPTH, TRANSFERS, close, ledger, net_of, quantities
from cepsim.draws import DRAW_RANGE
from cepsim.errors import ScenarioError
from cepsim.laws import further_interviews
from cepsim.people.bilans import depth_hours, elapsed_seconds
from cepsim.people.deploy import deploy
from cepsim.people.financer import FINANCED, who_take_back
from cepsim.people.population_tape import draw_entrants
from cepsim.people.posts import lenders
from cepsim.people.profiles import PROFILES, profiles_of
from cepsim.people.routes import _after_decision, _outside
from cepsim.people.story import Story
from cepsim.scenario import diff
from cepsim.scenario.vocabulary import (
    ACCOUNT_HOLDERS,
    AUTONOMY,
    BILAN_DEPTHS,
    IN_WORK,
    OPERATORS,
    PROJECTS,
)
from cepsim.units import SECONDS_PER_DAY

# -- cpf -----------------------------------------------------------------------------------------------


def test_charged_to_the_cpf_fewer_of_those_who_have_an_account_ask_and_nobody_else_moves():
    assert changed("cpf") == {"financing.charged_to_cpf"}
    ours, theirs = identified("cpf", *SHORT), identified("central", *SHORT)
    change = tables().figure("demand.all.finance.demand_change_if_charged_to_cpf").mode
    assert ours.index.isin(theirs.index).all()
    both = theirs.loc[ours.index]
    held = ours["name_of_public"].isin(ACCOUNT_HOLDERS) & (ours["admitted"] == 1)
    held &= ours.index.get_level_values("why") != "csp"
    by_contact = held & (ours.index.get_level_values("by") != "direct")
    assert (ours["asks"] <= both["asks"]).all()
    assert ours["asks"][~held].equals(both["asks"][~held])
    assert ours["asks"][by_contact].sum() / both["asks"][by_contact].sum() == pytest.approx(
        1 + change, abs=0.03
    )
    gone = theirs.drop(ours.index)
    assert len(gone) > 20
    assert (gone.index.get_level_values("by") == "direct").all()
    assert (gone["admitted"] == 1).all()
    assert gone["name_of_public"].isin(ACCOUNT_HOLDERS).all()
    # what nobody charges does not depend on who asks for an accueil
    columns = ["project", "bilan", "autonomy", "operator", "registered"]
    assert ours[columns].equals(both[columns])


def test_accounts_pay_in_place_of_others_and_the_cost_is_that_of_the_people():
    where, people, trace, state = after_launch("cpf")
    counted = quantities(where, people, trace, state)
    charged = counted[counted["quantity"] == "account_s"]
    assert set(charged["stage"]) == {"conseil", "formalisation"}
    assert set(charged["public"]) <= set(ACCOUNT_HOLDERS)
    assert set(charged["character"]) == {"deja_finance"}
    used = counted[(counted["quantity"] == "used_s") & (counted["role"] == "advisers")]
    of_conseil = used[used["stage"] == "conseil"]["value"].sum()
    # the adviser writes after the interview: his time is longer than the person's
    assert 0 < charged[charged["stage"] == "conseil"]["value"].sum() < of_conseil
    found = ledger(where, counted)
    close(found, counted)
    by_payer = found.rows.groupby("payer")["amount_cents"].sum()
    assert by_payer["cpf_opca"] > 0
    moved = found.rows[found.rows["nature"].isin(TRANSFERS)]
    assert moved["amount_cents"].sum() == 0
    free = replace(where, scenario=where.scenario.derive({"financing.charged_to_cpf": ()}, tables=tables()))
    same_people = ledger(free, quantities(free, people, trace, state)).rows
    assert same_people["amount_cents"].sum() == found.rows["amount_cents"].sum()
    assert "cpf_opca" not in set(same_people["payer"])


def test_charging_people_whom_nobody_admits_is_refused():
    with pytest.raises(ScenarioError, match=r"financing\.charged_to_cpf"):
        scenario("reference").derive({"financing.charged_to_cpf": ("conseil",)}, tables=tables())


# -- financement-mutualise -----------------------------------------------------------------------------


def test_a_mutualised_fund_pays_in_place_of_others_and_moves_nobody():
    fund = {f"financing.mutualised.{key}" for key in ("envelope_eur", "tariff_eur", "contributors")}
    assert changed("financement-mutualise") == {*fund, "costs.budget_lines"}
    where, people, trace, state = after_launch("financement-mutualise")
    found = ledger(where, quantities(where, people, trace, state))
    central = deployed("central", *SHORT)
    counted = quantities(central, people, trace, state)
    without = ledger(central, counted).rows.groupby("payer")["amount_cents"].sum()
    paid = found.rows.groupby("payer")["amount_cents"].sum()
    assert paid.sum() == without.sum()
    assert paid["fpspp"] > 0
    assert "fpspp" not in without
    for payer in ("contribution_cif_employeurs", "unedic", "collectivites"):
        assert paid[payer] < without[payer]
    entering = counted[counted["quantity"] == "persons_entering_conseil"]["value"].sum()
    assert 0 < found.fund["paths"].sum() <= entering
    assert found.fund["paid_cents"].sum() <= found.fund["paths"].sum() * 500_00


# -- bilan-module --------------------------------------------------------------------------------------


def test_a_bilan_that_is_a_module_is_as_deep_as_autonomy_says_and_returned_with_consent():
    assert changed("bilan-module") == {"service.bilan"}
    ours, theirs = identified("bilan-module", *SHORT), identified("central", *SHORT)
    assert ours.index.equals(theirs.index)
    own = ["bilan_depth", "returned", "profile"]
    assert ours.drop(columns=own).equals(theirs.drop(columns=own))
    concerned = (ours["bilan"] == 1) & (ours["admitted"] == 1)
    assert ((ours["bilan_depth"] > 0) == concerned).all()
    assert concerned[ours["returned"] == 1].all()
    employees = concerned & ours["name_of_public"].isin(IN_WORK)
    consent = tables().figure("stages.conseil.p_consent_synthese.all.all.all.all").mode
    accepted = tables().figure("stages.conseil.p_bdc_acceptance.salaries.all.all.all").mode
    assert abs(ours["returned"][employees].mean() - consent * accepted) < 4 * np.sqrt(0.25 / employees.sum())
    for rank, level in enumerate(AUTONOMY):
        here = ours["bilan_depth"][concerned & (ours["autonomy"] == rank)]
        for depth, name in enumerate(BILAN_DEPTHS, 1):
            id_ = f"stages.conseil.bdc_depth_autonomy_{level}_{name}.all.all.all.all"
            expected = tables().figure(id_).mode
            assert abs((here == depth).mean() - expected) < 4 * np.sqrt(0.25 / len(here))


def test_those_whose_bilan_is_returned_and_they_alone_have_the_shorter_conseil_after_it():
    ours, theirs = identified("bilan-module", *SHORT), identified("central", *SHORT)
    told_apart = profiles_of(scenario("bilan-module"))
    returned = (ours["returned"] == 1) & (ours["asks"] == 1)
    assert returned.any()
    assert ours["profile"][~returned].equals(theirs["profile"][~returned])
    for row in ours[returned].itertuples():
        profile = told_apart[row.profile]
        assert (profile.returned, profile.notice) == (row.bilan_depth, row.time_conseil == 1)
    mode, whose = figures_of("opacif", "bilan-module"), figures_of("opacif", "central")
    draws = np.linspace(0, DRAW_RANGE, 500, endpoint=False).astype(np.int64).tolist()
    saved = tables().figure("stages.conseil.interviews_saved_with_synthese.all.all.all.all").mode
    assert saved == 1
    for profile in (p for p in told_apart if p.returned and p.population == "salaries"):
        plain = replace(profile, returned=0, notice=False)
        means = [f.mean_interviews(p) for f, p in ((mode, profile), (whose, plain))]
        assert means[0] == max(1.0, means[1] - 1.0)
        planned = [
            [1 + further_interviews(round((mean - 1.0) * DRAW_RANGE), 99, d) for d in draws] for mean in means
        ]
        assert planned[0] == [max(1, number - 1) for number in planned[1]]
        later = mode.before_conseil(profile).mean_s - whose.before_conseil(plain).mean_s
        assert later == pytest.approx(elapsed_seconds(tables(), profile.returned, profile.notice))


def test_depth_and_notice_make_the_bilan_last():
    days = [elapsed_seconds(tables(), rank, notice=False) / SECONDS_PER_DAY for rank in (1, 2, 3)]
    assert days == pytest.approx([75 * hours / 20 for hours in depth_hours(tables())])
    assert elapsed_seconds(tables(), 1, notice=True) / SECONDS_PER_DAY == pytest.approx(days[0] + 60)


def test_a_job_seeker_s_bilan_is_returned_where_there_are_psychologists_alone():
    profile = next(
        p for p in profiles_of(scenario("bilan-module")) if p.returned and p.population == "jeunes"
    )
    got = [o for o in OPERATORS if figures_of(o, "bilan-module").gets_synthesis(profile)]
    assert got == ["pole_emploi"]


def test_without_consent_nothing_is_returned_and_nobody_s_conseil_moves():
    never = {"low": 0.0, "mode": 0.0, "high": 0.0, "reason": "nobody consents"}
    alone = ("figures.stages.conseil.p_consent_synthese.all.all.all.all", never)
    ours = identified("bilan-module", *SHORT, regions=("94",)), identified("central", *SHORT)
    found = draw_entrants(
        deploy(scenario("bilan-module").derive(dict([*SHORT, alone]), tables=tables()), tables(), ("94",)),
        seed=SEED,
        replication=0,
    )
    assert ours[0]["returned"].any()
    assert not found.crowd.returned.any()
    assert (found.profile == ours[1]["profile"].to_numpy()).all()
    assert (found.crowd.bilan_depth == ours[0]["bilan_depth"].to_numpy()).all()


def test_bilans_are_priced_by_depth_and_cheaper_ones_are_money_saved():
    where, people, trace, state = after_launch("bilan-module")
    counted = quantities(where, people, trace, state)
    found = ledger(where, counted)
    close(found, counted)
    by_nature = found.rows.groupby("nature")[["quantity", "amount_cents"]].sum()
    assert "bilan_conge" not in by_nature.index
    each = by_nature["amount_cents"] / by_nature["quantity"]
    assert each[list(BILANS_BY_DEPTH)].tolist() == [68000, 136000, 204000]
    # the same people, with bilans of one length
    one_length = replace(people, bilan_depth=np.zeros(len(people), dtype=np.int8))
    beside = replace(where, scenario=where.scenario.derive({"service.bilan": "beside"}, tables=tables()))
    other = ledger(beside, quantities(beside, one_length, trace, state))
    bilans = other.rows[other.rows["nature"] == "bilan_conge"]
    assert by_nature.loc[list(BILANS_BY_DEPTH), "quantity"].sum() == bilans["quantity"].sum()
    net = net_of(found, other, by=()).iloc[0]
    cheaper = by_nature.loc[list(BILANS_BY_DEPTH), "amount_cents"].sum() - bilans["amount_cents"].sum()
    assert net["new_money_cents"] == net["net_cents"] == cheaper < 0
    assert net["services_not_rendered_cents"] == 0
    # half of the people: bilans that nobody renders are no saving, those rendered are cheaper all the same
    few = counted.assign(value=counted["value"].where(~counted["quantity"].str.startswith("bilans_"), 0))
    fewer = net_of(ledger(where, few[few["value"] > 0]), other, by=()).iloc[0]
    assert fewer["services_not_rendered_cents"] == -bilans["amount_cents"].sum()
    assert fewer["new_money_cents"] == 0


@pytest.mark.parametrize("key", [("service.bilan", "module"), ("service.remote_first", True)])
def test_a_choice_for_the_admitted_needs_an_intensity_that_tells_them_apart(key):
    with pytest.raises(ScenarioError, match=key[0].replace(".", r"\.")):
        scenario("premiere-vague").derive(dict([key]), tables=tables())


def test_accounts_pay_for_bilans_of_one_length_alone():
    with pytest.raises(ScenarioError, match=r"financing\.charged_to_cpf"):
        scenario("cpf").derive({"service.bilan": "module"}, tables=tables())


# -- conseil-separe-du-financeur -----------------------------------------------------------------------


def test_a_financer_apart_takes_files_up_later_and_sends_some_back_at_the_opacif_alone():
    ours = scenario("conseil-separe-du-financeur")
    assert {key for key, _, _ in diff(scenario("sans-ingenierie"), ours)} == {"service.financer_apart"}
    gap = tables().figure("stages.ingenierie.handover_to_financer.all.opacif.all.all").mode_in_base
    refused = tables().figure("stages.ingenierie.p_refused_after_handover.all.opacif.all.all").mode
    for operator in OPERATORS:
        apart, together = (figures_of(operator, n) for n in (ours.name, "sans-ingenierie"))
        for profile in PROFILES:
            handed = operator == "opacif" and profile.depth == 1 and profile.project in FINANCED
            begins, ends = _outside(apart, profile, 1.0), _after_decision(apart, profile)
            if not handed:
                assert begins == _outside(together, profile, 1.0)
                assert ends == _after_decision(together, profile)
                continue
            assert begins.gap.mean_s == gap
            assert {b.to: b.share for b in ends} == {"sent_back": refused, "completed": 1.0 - refused}


def test_files_handed_over_are_read_again_at_a_cost_and_nothing_before_them_moves():
    name = "conseil-separe-du-financeur"
    assert loads(name).equals(loads("sans-ingenierie"))
    assert identified(name, *SHORT).equals(identified("sans-ingenierie", *SHORT))
    where, people, trace, state = after_launch(name)
    counted = quantities(where, people, trace, state)
    read = counted[counted["quantity"] == "instruction_s"]
    known = where.network.station_names
    visits = Story.of(where.network, trace, state).visits
    person = visits.person[visits.queue % where.network.station_count == known.index("opacif.dossier")]
    files = np.isin(people.project[person], [PROJECTS.index(p) for p in FINANCED]).sum()
    assert files > 20
    assert read["value"].sum() == files * 1800
    assert set(read["operator"]) == {"opacif"}
    assert set(read["character"]) == {"nouveau_recurrent"}
    found = ledger(where, counted)
    close(found, counted)
    cost = found.rows.loc[found.rows["nature"] == "instruction_repeated", "amount_cents"].sum()
    assert cost == pytest.approx(files * 0.5 * 75_000_00 / 1607 / 0.55, rel=1e-3)
    _, _, before, _ = after_launch("sans-ingenierie")
    first = [
        of.visits.take(of.visits.queue % where.network.station_count < known.index("opacif.dossier"))
        for of in (trace, before)
    ]
    assert len(first[0]) == len(first[1]) > 1000
    exits = {n: {where.network.exit_names[e] for e in of.exits.exit} for n, of in ((0, trace), (1, before))}
    assert "sent_back" not in exits[1]


def test_a_body_apart_has_no_other_work_for_advisers_whom_cep_leaves_free():
    apart, together = scenario("conseil-separe-du-financeur"), scenario("sans-ingenierie")
    assert lenders(apart, tables()) == lenders(together, tables()) == who_take_back(together, tables())
    assert set(lenders(apart, tables())) - set(who_take_back(apart, tables())) == {"opacif"}
