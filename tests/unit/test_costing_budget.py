"""Lines of a budget beside what is simulated."""

import numpy as np
import pytest
from deployments import rows_of, tables
from money import WORKED, files, where

from cepsim.costing import (
    budget_lines,
    commitments,
    ledger,
)
from cepsim.experiment.financed import budget_frame
from cepsim.report.money import budget_table


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
