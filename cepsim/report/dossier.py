"""The dossier of a finished run: three checklists of good practice, and the tables that they point to.

Nothing is simulated here: figures were noted by `experiment.provenance`, the rest is read.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from cepsim.report.dossier_facts import Facts
from cepsim.report.dossier_figures import hypotheses, impact_quality, parameters, sources
from cepsim.report.dossier_items import ITEMS, STATES, Checklist, Item
from cepsim.report.dossier_model import draws, flow, scenario_logic, scenarios
from cepsim.report.table import Table

#: Tables short enough for a screen.
PRINTED: Final = ("stress", "ispor", "rap", "impact_quality")


def dossier(facts: Facts) -> list[Table]:
    """The tables of the dossier of a run, in the order in which they are read."""
    return [
        *(checklist(facts, name) for name in ITEMS),
        impact_quality(facts),
        hypotheses(facts),
        scenarios(facts),
        scenario_logic(facts),
        flow(facts),
        parameters(facts),
        sources(facts),
        draws(facts),
    ]


def checklist(facts: Facts, name: Checklist) -> Table:
    """A checklist: each row with where it stands, the answer of this run, and what shows it."""
    items = ITEMS[name]
    states = Counter(item.state_in(facts) for item in items)
    told = ", ".join(
        facts.counted(facts.text(f"state.{state}"), states[state]) for state in STATES if states[state]
    )
    names = ("code", "item", "state", "answer", "evidence")
    columns = tuple(facts.text(f"column.{column}") for column in names)
    rows = tuple(_row(facts, name, item) for item in items)
    note = facts.filled(f"{name}.note", item_count=len(items), states=told)
    return Table(name, facts.text(f"{name}.title"), note, columns, rows)


def _row(facts: Facts, name: Checklist, item: Item) -> tuple[str, ...]:
    code = facts.text(f"level.{item.code}") if name == "rap" else item.code
    return (
        code,
        facts.text(f"{name}.{item.key}.name"),
        facts.text(f"state.{item.state_in(facts)}"),
        facts.filled(f"{name}.{item.key}.answer"),
        " · ".join(item.evidence) or "–",
    )
