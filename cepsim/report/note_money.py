"""What a note says of money beside costs: commitments, and funds and budgets where scenarios have some."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cepsim.report.money import budget_table, commitments_table, fund_table
from cepsim.report.table import Table

if TYPE_CHECKING:
    from cepsim.report.note import Note


def beside_costs(note: Note) -> list[Table]:
    """Commitments of every scenario by year; funds and lines of a budget, where scenarios have some."""
    scenarios, language = note.run.plan.scenarios, note.language
    titles = {scenario.name: note.scenario(scenario.name) for scenario in scenarios}
    sample = note.run.plan.sample
    tables = [commitments_table(note.run.commitments, [], titles, language, places={}, sample=sample)]
    if any(scenario.financing.mutualised.pays for scenario in scenarios):
        tables.append(fund_table(note.run.fund, titles, language))
    if any(scenario.costs.budget_lines for scenario in scenarios):
        tables.append(budget_table(note.run.budget_lines, scenarios, language))
    return [replace(table, note=f"{table.note} {note.uncertainty()}") for table in tables]
