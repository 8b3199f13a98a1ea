"""Commitments: what follows from projects, within budgets, and who pays; current euros."""

from deployments import crowd, deployment, rows_of, state, tables, trace
from hypothesis import given, settings
from hypothesis import strategies as st
from money import CIF_CDD, CIF_CDI, VAE, files, sums, where

from cepsim.costing import (
    CELL,
    COMMITMENT_CELL,
    COMMITMENT_DIMENSIONS,
    CURRENT,
    close,
    commitments,
    ledger,
    quantities,
    with_current_euros,
)
from cepsim.network.builder import NetworkBuilder
from cepsim.report.money import commitments_by, commitments_table
from cepsim.scenario.vocabulary import OPERATORS, PROJECTS, PUBLICS
from cepsim.trace import Exits
from cepsim.units import format_share


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
    assert told["part des dossiers acceptée"] == format_share(accepted / 100_000, "fr")
    assert table.rows[0][:2] == ("2015", "CIF des CDI et de l'intérim")
