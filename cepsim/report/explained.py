"""Why two scenarios cost what they cost: their difference in six parts.

    price      what B counts, at its prices less A's
    bilans     bilans of B less those of A: fewer, for people lost in a queue, are no saving
    overheads  time outside direct service, management and premises, which follow hours as much as posts
    capacity   idle time, and what opens the service: training, recruitment, coordination, tools
    volume     persons received in B less those of A, at the work that one asked for in A
    mix        what the work is beyond that: other stages, other lengths, between operators

All but the first are at A's prices, that one at B's quantities: they sum to the difference exactly. Volume
and mix of an operator follow his own persons; those of the whole follow all persons, and are no sum of his.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import pandas as pd

from cepsim.costing import BILANS_BY_DEPTH
from cepsim.errors import UsageError
from cepsim.experiment import RecordedRun
from cepsim.indicators import ALL
from cepsim.labels import Language, all_labels, label
from cepsim.report.cells import euros, number, row_of
from cepsim.report.table import Table

PARTS: Final = ("volume", "mix", "bilans", "overheads", "capacity", "price")
#: Natures of the work done with people or for them.
_WORK: Final = (
    "advisers_used",
    "advisers_overtime",
    "first_line_used",
    "first_line_overtime",
    "telecom",
    "portal",
    "tests",
    "tests_psychologist",
    "informed_elsewhere",
    "working_time_given",
)
_BILANS: Final = ("bilan_conge", "bilan_plan", *BILANS_BY_DEPTH, "bilan_refused", "bilan_psychologist")
_OVERHEADS: Final = ("advisers_outside", "advisers_structure", "first_line_outside", "first_line_structure")
_CENTS: Final = 100
_NOTHING: Final = (Fraction(0), Fraction(0))


def cost_parts(run: RecordedRun, first: str, second: str) -> pd.DataFrame:
    """The difference of cost of two scenarios of a run, by operator and together (`all`), in whole cents.

    Means over replications. Columns operator, first_cents, the PARTS followed by "_cents", second_cents:
    first + parts = second in every row. Raises UsageError where a scenario is not in the run, or where the
    first receives nobody.
    """
    names = [scenario.name for scenario in run.plan.scenarios]
    for name in (first, second):
        if name not in names:
            raise UsageError(f'no run of "{name}" to explain: the run has {", ".join(names)}')
    if _received(run, first, ALL) == 0:
        raise UsageError(f'"{first}" receives nobody: a difference of volume has no meaning')
    n = run.plan.replications
    before, after = (_means(run.ledger, name, n) for name in (first, second))
    cells = sorted({*before, *after})
    operators = list(dict.fromkeys(operator for operator, _ in cells))
    rows = []
    for operator in (*operators, ALL):
        was, now = (_received(run, name, operator) for name in (first, second))
        growth = now / was - 1 if was else Fraction(0)
        sums = dict.fromkeys(("first", *PARTS, "second"), Fraction(0))
        for key in cells:
            if operator in (key[0], ALL):
                (q_a, a), (q_b, b) = before.get(key, _NOTHING), after.get(key, _NOTHING)
                at_first = q_b * (a / q_a if q_a else b / q_b if q_b else Fraction(0))
                for name, part in _parts(key[1], a, at_first, growth).items():
                    sums[name] += part
                sums["first"] += a
                sums["price"] += b - at_first
                sums["second"] += b
        rows.append(_row(operator, sums))
    return pd.DataFrame(rows)


def _parts(nature: str, before: Fraction, after: Fraction, growth: Fraction) -> dict[str, Fraction]:
    """The parts, but for prices, of what a nature costs more: `after` is at the prices of `before`."""
    if nature in _WORK:
        return {"volume": growth * before, "mix": after - before - growth * before}
    part = "bilans" if nature in _BILANS else "overheads" if nature in _OVERHEADS else "capacity"
    return {part: after - before}


def explained(run: RecordedRun, first: str, second: str, language: Language = "fr") -> Table:
    """The same as a table, the whole last."""
    titles = {s.name: getattr(s.title, language) for s in run.plan.scenarios}
    frame = cost_parts(run, first, second)
    names = all_labels(language)
    write = euros(language)
    columns = ("first_cents", *(f"{part}_cents" for part in PARTS), "second_cents")
    rows = []
    for row in frame.to_dict("records"):
        code = str(row["operator"])
        known = names.get(f"operator.{code}") or names.get(f"costs.operator.{code}") or code
        name = label("costs.total", language) if code == ALL else known
        rows.append((name, *(write(row[column] / _CENTS) for column in columns)))
    received = [_received(run, name, ALL) for name in (first, second)]
    note = label(
        "explain.note",
        language,
        first=titles[first],
        second=titles[second],
        before=number(language)(float(received[0])),
        after=number(language)(float(received[1])),
    )
    headings = [label("costs.by.operator", language), titles[first]]
    headings += [label(f"explain.{part}", language) for part in PARTS]
    title = label("explain.title", language, first=titles[first], second=titles[second])
    return Table("explained", title, note, (*headings, titles[second]), tuple(rows))


def _means(ledger: pd.DataFrame, scenario: str, n: int) -> dict[tuple[str, str], tuple[Fraction, Fraction]]:
    """Mean quantity and amount of each (operator, nature); a nature has one unit and one price."""
    rows = ledger[ledger["scenario"] == scenario]
    sums = rows.groupby(["operator", "nature"], observed=True)[["quantity", "amount_cents"]].sum()
    return {
        (str(key[0]), str(key[1])): (Fraction(int(quantity), n), Fraction(int(amount), n))
        for key, quantity, amount in zip(sums.index, sums["quantity"], sums["amount_cents"], strict=True)
    }


def _received(run: RecordedRun, scenario: str, operator: str) -> Fraction:
    """Persons received within the horizon by an operator, or by all: the mean over replications."""
    keys = {"stage": ALL, "public": ALL, "team": ALL, "period": ALL, "region": ALL, "operator": operator}
    row = row_of(run.indicators, scenario=scenario, indicator="received", **keys)
    return Fraction(0) if row is None else Fraction(float(row["mean"])).limit_denominator(1000)


def _row(operator: str, sums: dict[str, Fraction]) -> dict[str, object]:
    """A row in whole cents: what rounding leaves goes to the mix."""
    cents = {name: round(value) for name, value in sums.items()}
    cents["mix"] += cents["second"] - cents["first"] - sum(cents[part] for part in PARTS)
    return {"operator": operator, **{f"{name}_cents": value for name, value in cents.items()}}
