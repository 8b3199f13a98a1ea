"""Commitments, a mutualised fund, current euros and lines of a budget: what is added up, and who pays."""

from collections import defaultdict
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from deployments import columns, crowd, deployment, desk, rows_of, scenario, state, tables, trace
from hypothesis import given, settings
from hypothesis import strategies as st

from cepsim.costing import (
    CELL,
    COMMITMENT_CELL,
    COMMITMENT_DIMENSIONS,
    CURRENT,
    DIMENSIONS,
    budget_lines,
    close,
    commitments,
    envelope_of,
    ledger,
    quantities,
    with_current_euros,
)
from cepsim.errors import ScenarioError
from cepsim.experiment.financed import budget_frame, fund_frame
from cepsim.network.builder import NetworkBuilder
from cepsim.report.costs import costs_by
from cepsim.report.money import budget_table, commitments_by, commitments_table, fund_table
from cepsim.scenario.vocabulary import OPERATORS, PROJECTS, PUBLICS
from cepsim.trace import Duty, Exits, Visits
from cepsim.units import format_share

HOUR = 3600
FPSPP = ({"payer": "fpspp", "share": 1.0},)
CIF_CDI, CIF_CDD, VAE = 24_600_00, 22_300_00, 1_200_00


def where(**keys):
    """`central` in Bretagne for two years, with other keys of the scenario."""
    of = scenario("central").derive(
        {key.replace("__", "."): value for key, value in keys.items()}, tables=tables()
    )
    return deployment(
        desk(None, 0), stations=[("opacif", "accueil")], teams=[("opacif", "advisers", "53")], of=of
    )


def funded(**fund):
    """The same with a mutualised fund paid by the FPSPP, unless told."""
    return where(
        **{f"financing__mutualised__{key}": value for key, value in ({"contributors": FPSPP} | fund).items()}
    )


def files(project, public, count, **others):
    return (f"files_{project}", "", "opacif", count, {"public": public, "stage": "ingenierie", **others})


def sums(rows, *keys, column="amount_cents"):
    return {key: int(value) for key, value in rows.groupby(list(keys))[column].sum().items() if value}


# -- commitments -----------------------------------------------------------------------------------


def test_files_are_those_decided_by_the_financer_within_the_horizon():
    builder = NetworkBuilder(lanes=["53"])
    for name in ("formalisation", "decision"):
        builder.queue(name, team=builder.team(name, advisers=1), service=600)
    builder.exit("completed")
    stations = [("opacif", "formalisation"), ("opacif", "ingenierie")]
    teams = [("opacif", "advisers", "53")] * 2
    staff = [(team, 2015, "existing", 1.0, 0) for team in range(2)]
    run = deployment(builder.compile(), stations=stations, teams=teams, staff=staff, years=1)
    done = run.network.exit_names.index("completed")
    exits = [(0, 1, 5), (1, 1, 6), (2, 1, 7), (3, 0, 8), (4, 1, 366 * 86_400)]
    rows = {
        "person": [person for person, _, _ in exits],
        "queue": [queue for _, queue, _ in exits],
        "second": [second for _, _, second in exits],
        "exit": [done] * len(exits),
    }
    project = [
        PROJECTS.index(name) for name in ("formation", "vae", "mobilite_externe", "formation", "formation")
    ]
    found = quantities(run, crowd([0] * 5, project=project), trace(exits=Exits.from_columns(rows)), state())
    decided = found[found["quantity"].str.startswith("files_")]
    assert sums(decided, "quantity", "operator", "stage", column="value") == {
        ("files_formation", "opacif", "ingenierie"): 1,
        ("files_vae", "opacif", "ingenierie"): 1,
    }


def test_each_kind_has_its_price_and_its_payers():
    counted = rows_of(
        files("formation", "salaries_cdi", 100),
        files("formation", "salaries_cdd", 10),
        files("formation", "interimaires", 10),
        files("formation", "de_autres", 20),
        files("vae", "salaries_cdi", 5),
        files("vae", "de_autres", 1),
        files("formation", "agents_publics", 3),
        ("persons_received", "", "opacif", 1000),
    )
    found = commitments(where(), counted)
    assert set(found["outcome"]) == {"accepted", "not_priced"}
    assert sums(found, "kind") == {
        # agency contracts have the budget of permanent ones
        "cif_cdi": 110 * CIF_CDI,
        "cif_cdd": 10 * CIF_CDD,
        "training": 20 * 6_500_00,
        "vae": 6 * VAE,
    }
    assert sums(found, "kind", column="quantity")["not_priced"] == 3
    payers = found.groupby("kind")["payer"].agg(set).to_dict()
    assert payers["cif_cdi"] == {"contribution_cif_employeurs", "fpspp"}
    assert payers["training"] == {"regions", "pole_emploi", "opca", "autres"}
    assert payers["vae"] == payers["cif_cdi"] | payers["training"]
    assert payers["not_priced"] == {"non_finance"}


def test_what_commissions_accept_is_committed_and_what_they_refuse_is_by_nobody():
    counted = rows_of(
        files("formation", "salaries_cdi", 50),
        files("refused", "salaries_cdi", 30),
        files("vae", "de_autres", 7),
    )
    found = commitments(where(), counted)
    of_cif = found[found["kind"] == "cif_cdi"]
    assert sums(of_cif, "outcome", column="quantity") == {"accepted": 50, "beyond_budget": 30}
    assert set(of_cif.loc[of_cif["outcome"] == "beyond_budget", "payer"]) == {"non_finance"}
    assert sums(of_cif, "outcome")["beyond_budget"] == 30 * CIF_CDI


def test_without_commissions_a_budget_bounds_what_is_accepted_and_the_rest_is_committed_by_nobody():
    run, asked = where(service__commissions=False), 100_000
    key = float(run.population.keys.loc["53", "opacif"])
    found = commitments(run, rows_of(files("formation", "salaries_cdi", asked)))
    accepted = int(820_000_000 * key / 24_600)
    assert sums(found, "outcome", column="quantity") == {
        "accepted": accepted,
        "beyond_budget": asked - accepted,
    }
    beyond = found[found["outcome"] == "beyond_budget"]
    assert set(beyond["payer"]) == set(beyond["character"]) == {"non_finance"}
    assert sums(found, "outcome")["beyond_budget"] == (asked - accepted) * CIF_CDI
    # a year has its own budget, and so has a region
    later = rows_of(*(files("formation", "salaries_cdi", asked, year=year) for year in (2015, 2016)))
    assert sums(commitments(run, later), "outcome", column="quantity")["accepted"] == 2 * accepted


def test_neither_part_of_files_is_about_more_people_than_the_smaller():
    run, price = where(service__commissions=False), tables().figure("unit_costs.cif_cdi_cost.opacif").mode
    accepted = int(820e6 * float(run.population.keys.loc["53", "opacif"]) / price)
    found = commitments(run, rows_of(files("formation", "salaries_cdi", accepted + 3)))
    assert set(found["people"]) == {3}
    every = commitments(run, rows_of(files("formation", "salaries_cdi", 40)))
    assert set(every["people"]) == {40}


def test_money_within_a_budget_is_there_already_and_vae_of_new_people_is_new():
    new = {"character": "nouveau_recurrent"}
    counted = rows_of(files("formation", "salaries_cdi", 9, **new), files("vae", "salaries_cdi", 9, **new))
    found = commitments(where(), counted)
    assert sums(found, "kind", "character") == {
        ("cif_cdi", "deja_finance"): 9 * CIF_CDI,
        ("vae", "nouveau_recurrent"): 9 * VAE,
    }


def test_commitments_are_in_no_cost_of_the_service():
    counted = rows_of(files("formation", "salaries_cdi", 9), ("calls", "", "opacif", 10))
    found = ledger(where(), counted)
    close(found, counted)
    assert sums(found.rows, "nature") == {"telecom": 1000}


@settings(max_examples=25)
@given(
    st.dictionaries(
        st.tuples(
            st.sampled_from(["formation", "vae"]),
            st.sampled_from(PUBLICS),
            st.sampled_from(OPERATORS),
            st.sampled_from([2015, 2016]),
            st.sampled_from(["53", "11"]),
            st.sampled_from(["deja_finance", "nouveau_recurrent"]),
        ),
        st.integers(1, 20_000),
        min_size=1,
        max_size=20,
    ),
    st.lists(st.sampled_from(COMMITMENT_DIMENSIONS), unique=True, max_size=3),
)
def test_every_file_is_accepted_or_not_and_every_cut_of_commitments_closes_to_the_cent(counts, by):
    counted = rows_of(
        *(
            (
                f"files_{project}",
                "",
                operator,
                n,
                {"public": public, "year": year, "region": region, "character": of},
            )
            for (project, public, operator, year, region, of), n in counts.items()
        )
    )
    found = commitments(where(), counted)
    assert int(found["quantity"].sum()) == sum(counts.values())
    assert not found.duplicated(list(COMMITMENT_DIMENSIONS)).any()
    exact = found["quantity"] * found["unit_cost_cents"]
    by_cell = found.assign(exact=exact).groupby(list(COMMITMENT_CELL))[["exact", "amount_cents"]].sum()
    assert ((by_cell["exact"] - by_cell["amount_cents"]).abs() < 1).all()
    rows = with_current_euros(found, tables(), COMMITMENT_CELL).assign(scenario="central", replication=0)
    cut, whole = (commitments_by(rows, names).groupby("measure")["mean"].sum() for names in (by, []))
    assert ((cut - whole).abs() < 0.005).all()


# -- current euros ---------------------------------------------------------------------------------


def test_current_euros_are_those_of_the_year_and_payers_close_on_their_cell():
    counted = rows_of(
        *(("calls", "", "missions_locales", 333, {"year": year}) for year in (2014, 2015, 2017))
    )
    rows = with_current_euros(ledger(where(), counted).rows, tables())
    growth = tables().figure("unit_costs.price_growth.all")
    for column, end in CURRENT.items():
        rate = 1 + getattr(growth, end)
        assert sums(rows, "year", column=column) == {
            year: round(33_300 * rate ** (year - 2013)) for year in (2014, 2015, 2017)
        }
    assert sums(rows, "year") == dict.fromkeys((2014, 2015, 2017), 33_300)


def test_a_transfer_sums_to_nothing_in_current_euros_too():
    counted = rows_of(*(("account_s", "", o, 12_345 + n, {"year": 2016}) for n, o in enumerate(OPERATORS)))
    rows = with_current_euros(ledger(where(), counted).rows, tables())
    assert not rows.groupby(list(CELL))[["amount_cents", *CURRENT]].sum().to_numpy().any()
    assert rows["amount_current_cents"].abs().sum() > rows["amount_cents"].abs().sum() > 0


# -- a mutualised fund -----------------------------------------------------------------------------

WORKED = (
    ("used_s", "advisers", "opacif", 1607 * HOUR),
    ("used_s", "advisers", "pole_emploi", 1607 * HOUR),
    ("trained_thousandths", "advisers", "opacif", 5000, {"year": 2014}),
    ("bilans_conge", "", "opacif", 10),
)
OPACIF, POLE_EMPLOI = 75_000_00, 85_000_00
PATHS = ("mutualised_paths", "", "opacif", 100, {"stage": "conseil", "public": "salaries_cdi"})
ACCOUNT = ("account_s", "", "opacif", 100 * HOUR)


def paid(run, *rows):
    """What each payer pays of a ledger that closes, and what the fund owes and pays, in cents."""
    counted = rows_of(*WORKED, *rows)
    found = ledger(run, counted)
    close(found, counted)
    transfers = found.rows[found.rows["nature"] == "mutualised_fund"]
    assert not transfers.groupby(list(CELL))["amount_cents"].sum().to_numpy().any()
    return defaultdict(int, sums(found.rows, "payer")), found.fund[
        ["due_cents", "paid_cents"]
    ].sum().to_dict()


def test_a_tariff_is_paid_by_contributors_in_place_of_the_operator_s_usual_payers():
    before, nothing = paid(where())
    assert nothing == {"due_cents": 0, "paid_cents": 0}
    after, fund = paid(funded(tariff_eur=300), PATHS)
    assert fund == {"due_cents": 100 * 300_00, "paid_cents": 100 * 300_00}
    assert after["fpspp"] == 100 * 300_00
    assert after["contribution_cif_employeurs"] == before["contribution_cif_employeurs"] - 100 * 300_00
    unmoved = set(before) - {"contribution_cif_employeurs"}
    assert {payer: after[payer] for payer in unmoved} == {payer: before[payer] for payer in unmoved}


def test_a_tariff_above_the_cost_leaves_the_difference_to_the_usual_payers():
    after, _ = paid(funded(tariff_eur=3000), PATHS)
    alone = ledger(funded(tariff_eur=3000), rows_of(PATHS, *WORKED[:1])).rows
    assert after["fpspp"] == 100 * 3000_00
    assert sums(alone, "payer") == {"fpspp": 300_000_00, "contribution_cif_employeurs": OPACIF - 300_000_00}


def test_without_a_bound_the_fund_pays_whole_operators_from_the_launch_on():
    envelope = 1e9
    after, fund = paid(funded(envelope_eur=envelope))
    assert fund["paid_cents"] == fund["due_cents"] == OPACIF + POLE_EMPLOI
    # bilans have their own payers, and the year before launch stays where it was
    assert after == {
        "fpspp": OPACIF + POLE_EMPLOI,
        "contribution_cif_employeurs": 10 * 1700_00 + 5 * 5 * 150_00,
    }


@pytest.mark.parametrize("tariff", [0.0, 300.0])
def test_an_envelope_bounds_what_is_paid_and_the_rest_stays_with_the_usual_payers(tariff):
    run = funded(envelope_eur=2e5, tariff_eur=tariff)
    before, (after, fund) = paid(where())[0], paid(run, PATHS)
    envelope = envelope_of(run)
    assert 0 < envelope < 30_000_00
    assert fund["paid_cents"] == envelope < fund["due_cents"]
    assert after["fpspp"] == envelope
    assert sum(after.values()) == sum(before.values())
    # a tariff is paid where there are paths: the payers of the others see nothing
    assert (after["unedic"] < before["unedic"]) == (tariff == 0)
    assert after["contribution_cif_employeurs"] < before["contribution_cif_employeurs"]


def test_an_envelope_is_that_of_the_regions_by_active_people():
    run = funded(envelope_eur=1e6)
    everywhere = replace(run, regions=tuple(run.population.stocks.index))
    active = run.population.stocks.sum(axis=1)
    assert envelope_of(everywhere) == 100_000_000
    assert envelope_of(run) == pytest.approx(1e8 * active["53"] / active.sum(), abs=1)


@pytest.mark.parametrize("fund", [{"tariff_eur": 300.0}, {"envelope_eur": 1e9}])
def test_mixed_with_accounts_nobody_pays_the_same_hour_twice(fund):
    charged = {"financing__charged_to_cpf": ("conseil",)}
    alone, both = (
        funded(**fund),
        where(
            **charged,
            **{f"financing__mutualised__{k}": v for k, v in ({"contributors": FPSPP} | fund).items()},
        ),
    )
    before, after = paid(alone, PATHS)[0], paid(both, PATHS, ACCOUNT)[0]
    assert after["cpf_opca"] == 100 * 30_00
    assert after["fpspp"] == before["fpspp"] - 100 * 30_00
    for payer in set(before) - {"fpspp"}:
        assert after[payer] == before[payer]


def test_a_contributor_who_is_a_usual_payer_too_pays_what_he_gives_less_what_he_is_spared():
    shares = ({"payer": "fpspp", "share": 0.25}, {"payer": "contribution_cif_employeurs", "share": 0.75})
    before, after = paid(where())[0], paid(funded(tariff_eur=300, contributors=shares), PATHS)[0]
    assert after["fpspp"] == 7_500_00
    assert after["contribution_cif_employeurs"] == before["contribution_cif_employeurs"] - 7_500_00


@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["used_s", "idle_s", "overtime_s", "account_s", "calls", "mutualised_paths"]),
            st.sampled_from(OPERATORS),
            st.sampled_from(["53", "11", "national"]),
            st.sampled_from([2014, 2015, 2016]),
            st.integers(1, 10**7),
        ),
        min_size=1,
        max_size=20,
        unique_by=lambda row: row[:4],
    ),
    st.sampled_from(
        [{"tariff_eur": 120.55}, {"envelope_eur": 3e6}, {"envelope_eur": 3e6, "tariff_eur": 7.5}]
    ),
    st.lists(st.sampled_from(DIMENSIONS), unique=True, max_size=2),
)
def test_every_cut_of_costs_closes_to_the_cent_with_a_fund_and_costs_no_more(rows, fund, by):
    counted = rows_of(
        *(
            (
                name,
                "advisers" if name in ("used_s", "idle_s", "overtime_s") else "",
                operator,
                n,
                {"region": r, "year": y},
            )
            for name, operator, r, y, n in rows
        )
    )
    with_fund, without = ledger(funded(**fund), counted), ledger(where(), counted)
    close(with_fund, counted)
    for size in (0, 1, 2, len(CELL)):
        for cut in combinations(CELL, size):
            keys = list(cut) or ["scenario"]
            ours, theirs = (
                of.rows[of.rows["amount_cents"] != 0].assign(scenario="").groupby(keys)["amount_cents"].sum()
                for of in (with_fund, without)
            )
            ours, theirs = ours.align(theirs, fill_value=0)
            assert (ours == theirs).all(), cut
    table = with_current_euros(with_fund.rows, tables()).assign(scenario="central", replication=0)
    cut, whole = costs_by(table, by), costs_by(table, [])
    for column in ("mean", "current_mean"):
        assert round(cut[column].sum() * 100) == round(whole[column].sum() * 100)
        assert (table["amount_current_cents"].sum() - round(whole["current_mean"].sum() * 100)) == 0


def test_a_tariff_counts_people_admitted_alone():
    served = {"called": 9 * HOUR, "ended": 10 * HOUR, "released": 10 * HOUR, "session": -1}
    run = replace(
        funded(tariff_eur=300, tariff_per="received"),
        staff=deployment(
            desk(None, 0),
            stations=[("opacif", "accueil")],
            teams=[("opacif", "advisers", "53")],
            staff=[(0, 2015, "existing", 1.0, 0)],
        ).staff,
    )
    seen = [
        {**served, "person": 0},
        {**served, "person": 1, "called": 11 * HOUR, "ended": 12 * HOUR, "released": 12 * HOUR},
    ]
    duty = [{"second": 9 * HOUR, "advisers": 1}, {"second": 17 * HOUR, "advisers": 0}]
    story = trace(columns(Visits, seen), columns(Duty, duty))
    found = quantities(run, crowd([0, 0], admitted=[1, 0]), story, state())
    assert sums(found[found["quantity"] == "persons_received"], "operator", column="value") == {"opacif": 2}
    assert sums(found[found["quantity"] == "mutualised_paths"], "operator", column="value") == {"opacif": 1}
    nobody = quantities(where(), crowd([0, 0], admitted=[1, 0]), trace(), state())
    assert "mutualised_paths" not in set(nobody["quantity"])


@pytest.mark.parametrize(
    ("fund", "said"),
    [
        ({"tariff_eur": 300, "contributors": ()}, "contributors: found 0, expected shares that sum to 1"),
        ({"contributors": FPSPP}, "no contributor, since there is no envelope and no tariff"),
        ({"envelope_eur": 1, "contributors": ({"payer": "fpspp", "share": 0.5},) * 2}, "each payer once"),
        ({"envelope_eur": 1, "operators": ()}, "at least one operator"),
        ({"envelope_eur": 1, "contributors": ({"payer": "mecenes", "share": 1.0},)}, "mecenes"),
    ],
)
def test_a_fund_that_says_half_of_what_it_is_is_refused(fund, said):
    with pytest.raises(ScenarioError, match=said):
        funded(**fund)


def test_a_tariff_for_people_whom_nobody_admits_is_refused():
    with pytest.raises(ScenarioError, match=r"financing\.mutualised\.tariff_eur"):
        scenario("reference").derive(
            {"financing.mutualised": {"tariff_eur": 1.0, "contributors": FPSPP}}, tables=tables()
        )


# -- lines of a budget -----------------------------------------------------------------------------


def line(**keys):
    plain = {"name": {"fr": "Ligne", "en": "Line"}, "year": 2015, "amount_eur": 1e6, "source": "x"}
    return plain | {"euros": "constant"} | keys


def beside(*lines):
    run = where(costs__budget_lines=lines)
    counted = rows_of(*WORKED, files("formation", "salaries_cdi", 100))
    table = budget_lines(run, ledger(run, counted), commitments(run, counted))
    return run, {rank: of.set_index("indicator")["value"] for rank, of in table.groupby("line")}


def test_a_line_is_set_beside_what_it_pays_and_the_gap_is_shown():
    run, found = beside(
        line(blocks=["advisers"], operators=["opacif"]),
        line(payers=["unedic"]),
        line(commitments=["cif_cdi"]),
        line(euros="current", blocks=["bilans"]),
    )
    opacif, unedic, cif, bilans = found.values()
    assert opacif["given"] == pytest.approx(1e6 * run.population.keys.loc["53", "opacif"])
    assert opacif["simulated"] == 75_000
    assert opacif["difference"] == opacif["simulated"] - opacif["given"]
    assert opacif["nature:advisers_used"] + opacif["nature:advisers_structure"] == 75_000
    assert opacif["marginal"] == opacif["nature:advisers_used"]
    assert unedic["simulated"] == pytest.approx(85_000 * 0.6149, abs=0.02)
    assert unedic["given"] == pytest.approx(opacif["given"], rel=0.2)
    assert cif["simulated"] == 100 * 24_600
    growth = tables().figure("unit_costs.price_growth.all").mode
    assert bilans["simulated"] == pytest.approx(17_000 * (1 + growth) ** 2)


def test_the_range_of_prices_is_that_of_the_figures():
    _, found = beside(line(operators=["opacif"], blocks=["advisers"]), line(blocks=["launch"], year=2014))
    assert found[0]["at_low_prices"] == pytest.approx(65_000)
    assert found[0]["at_high_prices"] == pytest.approx(90_000)
    # five advisers: days and the fee of a day, each at its end
    assert found[1]["simulated"] == pytest.approx(5 * 5 * 150)
    assert found[1]["at_high_prices"] == pytest.approx(5 * 12 * 200)


def test_a_line_of_a_year_that_is_not_simulated_has_nothing_beside_it():
    _, found = beside(line(year=2020))
    assert list(found[0].index) == ["given"]


def test_lines_of_a_budget_move_no_cost():
    counted = rows_of(*WORKED)
    rows = [ledger(run, counted).rows for run in (where(), where(costs__budget_lines=(line(),)))]
    assert rows[0].equals(rows[1])
    assert np.issubdtype(rows[0]["amount_cents"].dtype, np.integer)


# -- as they are shown -----------------------------------------------------------------------------


def test_a_fund_is_shown_by_operator_with_what_is_not_spent_of_its_envelope():
    run = funded(envelope_eur=1e7, tariff_eur=300)
    found = ledger(run, rows_of(*WORKED, PATHS))
    frame = fund_frame({"central": [found]}, {"central": run})
    value = frame.set_index(["operator", "indicator"])["mean"]
    assert value["opacif", "paths"] == 100
    assert value["opacif", "paid"] == 30_000
    assert value["opacif", "balance"] == 30_000 - 75_000
    assert value["all", "envelope"] == envelope_of(run) / 100
    assert value["all", "unspent"] == pytest.approx(envelope_of(run) / 100 - 30_000)
    assert value["all", "beyond"] == 0
    table = fund_table(frame, {"reference": "Référence", "central": "Central"}, "fr")
    assert [row[:3] for row in table.rows] == [
        ("Central", "2015", "OPACIF (Fongecif, OPCA)"),
        ("", "2015", "Pôle emploi"),
        ("", "2015", "ensemble"),
    ]
    # nobody enters in two of three replications: no bound is below nought, but a balance
    three = [found, *[ledger(run, rows_of(*WORKED))] * 2]
    spread = fund_frame({"central": three}, {"central": run}).set_index(["operator", "indicator"])["low"]
    assert spread["opacif", "paid"] == 0
    assert spread["opacif", "balance"] < -75_000
    nobody = fund_frame({"central": [ledger(where(), rows_of(*WORKED))]}, {"central": where()})
    assert fund_table(nobody, {"central": "Central"}, "fr").rows == ()


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (75_000, "fourchette des prix suffit"),
        (40_000, "prix n'expliquent pas : volumes ou périmètre (donné = 0,53 fois le simulé)"),
    ],
)
def test_the_gap_with_a_line_is_explained_by_prices_or_is_not(amount, said):
    share = where().population.keys.loc["53", "opacif"]
    mine = line(amount_eur=amount / share * 1.01 if amount == 75_000 else amount / share, blocks=["advisers"])
    run = where(costs__budget_lines=(mine | {"operators": ["opacif"]}, line(year=2030)))
    counted = rows_of(*WORKED)
    frame = budget_frame(
        {run.scenario.name: [ledger(run, counted)]}, {run.scenario.name: [counted]}, {run.scenario.name: run}
    )
    table = budget_table(frame, [run.scenario], "fr")
    assert said in table.rows[0][-1]
    assert table.rows[1][4:] == ("–", "–", "–", "Année hors du calcul.")


def test_commitments_are_shown_with_the_share_accepted():
    found = with_current_euros(
        commitments(where(service__commissions=False), rows_of(files("formation", "salaries_cdi", 100_000))),
        tables(),
        COMMITMENT_CELL,
    )
    rows = found.assign(scenario="central", replication=0)
    table = commitments_table(rows, [], {"central": "Central"}, "fr", places={})
    told = {row[2]: row[3] for row in table.rows[:6]}
    assert told["dossiers décidés"] == "100\u202f000"
    accepted = int(found.loc[found["outcome"] == "accepted", "quantity"].sum())
    assert told["part acceptée"] == format_share(accepted / 100_000, "fr")
    assert table.rows[0][:2] == ("2015", "CIF des CDI et de l'intérim")
