"""Why two scenarios cost what they cost: their difference split into volume, mix, price and capacity.

    price     what B counts, at its prices less A's
    capacity  what posts cost because they are there (idle, outside direct service, premises), and what opens
              the service (training, recruitment, coordination, tools): B's quantities less A's, at A's prices
    volume    persons received in B less those of A, at what one cost in work done and services in A
    mix       what the work done and the services are beyond that: other operators, stages, lengths

The four parts sum to the difference exactly: each is taken at A's prices and the first at B's quantities.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import pandas as pd

from cepsim.errors import UsageError
from cepsim.experiment import RecordedRun
from cepsim.indicators import ALL
from cepsim.labels import Language, all_labels, label
from cepsim.report.cells import euros, number, row_of
from cepsim.report.table import Table

PARTS: Final = ("volume", "mix", "price", "capacity")
#: Natures that people bring: work done with them or for them, and services given to them.
_ACTIVITY: Final = (
    "advisers_used",
    "advisers_overtime",
    "first_line_used",
    "first_line_overtime",
    "telecom",
    "portal",
    "bilan_conge",
    "bilan_refused",
    "bilan_psychologist",
    "working_time_given",
)
_CENTS: Final = 100


def cost_parts(run: RecordedRun, first: str, second: str) -> pd.DataFrame:
    """The difference of cost of two scenarios of a run, by operator and together (`all`), in whole cents.

    Means over replications. Columns operator, first_cents, the four PARTS followed by "_cents", second_cents:
    first + parts = second in every row, and operators sum to `all` within a cent a column. Raises UsageError
    where a scenario is not in the run, or where the first receives nobody.
    """
    names = [scenario.name for scenario in run.plan.scenarios]
    for name in (first, second):
        if name not in names:
            raise UsageError(f'no run of "{name}" to explain: the run has {", ".join(names)}')
    received = [_received(run, name) for name in (first, second)]
    if received[0] == 0:
        raise UsageError(f'"{first}" receives nobody: a difference of volume has no meaning')
    growth = received[1] / received[0] - 1
    n = run.plan.replications
    before, after = (_means(run.ledger, name, n) for name in (first, second))
    operators: dict[str, list[Fraction]] = {}
    for key in sorted({*before, *after}):
        operator, nature = key
        (q_a, a), (q_b, b) = before.get(key, _NOTHING), after.get(key, _NOTHING)
        price = a / q_a if q_a else b / q_b if q_b else Fraction(0)
        at_first = q_b * price
        volume = growth * a if nature in _ACTIVITY else Fraction(0)
        mix = at_first - a - volume if nature in _ACTIVITY else Fraction(0)
        capacity = Fraction(0) if nature in _ACTIVITY else at_first - a
        sums = operators.setdefault(operator, [Fraction(0)] * 6)
        for place, part in enumerate((a, volume, mix, b - at_first, capacity, b)):
            sums[place] += part
    operators[ALL] = [sum(column, Fraction(0)) for column in zip(*operators.values(), strict=True)]
    return pd.DataFrame([_row(operator, sums) for operator, sums in operators.items()])


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
    received = [_received(run, name) for name in (first, second)]
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


_NOTHING: Final = (Fraction(0), Fraction(0))


def _means(ledger: pd.DataFrame, scenario: str, n: int) -> dict[tuple[str, str], tuple[Fraction, Fraction]]:
    """Mean quantity and amount of each (operator, nature); a nature has one unit and one price."""
    rows = ledger[ledger["scenario"] == scenario]
    sums = rows.groupby(["operator", "nature"], observed=True)[["quantity", "amount_cents"]].sum()
    return {
        (str(key[0]), str(key[1])): (Fraction(int(quantity), n), Fraction(int(amount), n))
        for key, quantity, amount in zip(sums.index, sums["quantity"], sums["amount_cents"], strict=True)
    }


def _received(run: RecordedRun, scenario: str) -> Fraction:
    """Persons received within the horizon, by every operator: the mean over replications."""
    keys = {"operator": ALL, "stage": ALL, "public": ALL, "team": ALL, "period": ALL, "region": ALL}
    row = row_of(run.indicators, scenario=scenario, indicator="received", **keys)
    return Fraction(0) if row is None else Fraction(float(row["mean"])).limit_denominator(1000)


def _row(operator: str, sums: list[Fraction]) -> dict[str, object]:
    """A row in whole cents: what rounding leaves goes to the mix."""
    first, second = round(sums[0]), round(sums[-1])
    parts = dict(zip(PARTS, map(round, sums[1:-1]), strict=True))
    parts["mix"] += second - first - sum(parts.values())
    cents = {f"{part}_cents": parts[part] for part in PARTS}
    return {"operator": operator, "first_cents": first, **cents, "second_cents": second}
