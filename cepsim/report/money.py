"""What stands beside the costs of a finished run: commitments, a mutualised fund, lines of a budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from cepsim.costing import COMMITMENT_DIMENSIONS, CURRENT
from cepsim.costing.budget import NATURE
from cepsim.costing.commitments import ACCEPTED
from cepsim.labels import Language, label
from cepsim.report.cells import Write, cell, euros, millions, number, row_of, share
from cepsim.report.costs import lines_of, summed_by
from cepsim.report.table import Table
from cepsim.scenario import Scenario

_CENTS: Final = 100
_ALL: Final = "all"
#: How commitments are cut unless told.
COMMITMENTS_BY: Final = ("year", "kind")
#: What is shown of each cut of commitments: the column summed, the outcome counted, and whether it is money.
_MEASURES: Final = {
    "files": ("quantity", None),
    "accepted": ("quantity", ACCEPTED),
    "committed": ("amount_cents", ACCEPTED),
    "committed_current": (next(iter(CURRENT)), ACCEPTED),
    "not_committed": ("amount_cents", "beyond_budget"),
}
_FUND: Final = ("paths", "cost", "accounts", "due", "paid", "balance", "envelope", "unspent", "beyond")
#: Natures named in the explanation of a gap.
_NAMED_NATURES: Final = 3


def commitments_by(
    rows: pd.DataFrame, by: Sequence[str] = COMMITMENTS_BY, *, net_of: str | None = None
) -> pd.DataFrame:
    """Commitments of a run by scenario and some of their dimensions, in long form.

    `rows` is the frame `commitments`. Columns scenario, those of `by`, measure (files decided, files
    accepted, committed in constant and in current euros, not committed for lack of budget), mean, low, high,
    n. Raises as `report.costs.summed_by`.
    """
    parts = []
    for measure, (column, outcome) in _MEASURES.items():
        counted = (
            rows
            if outcome is None
            else rows.assign(**{column: rows[column].where(rows["outcome"] == outcome, 0)})
        )
        found = summed_by(counted, by, column, COMMITMENT_DIMENSIONS, net_of=net_of)
        money = column != "quantity"
        for name in ("mean", "low", "high") if money else ():
            found[name] = found[name] / _CENTS
        parts.append(found.assign(measure=measure))
    columns = ["scenario", *by, "measure", "mean", "low", "high", "n"]
    return pd.concat(parts, ignore_index=True)[columns]


def commitments_table(
    rows: pd.DataFrame,
    by: Sequence[str],
    titles: Mapping[str, str],
    language: Language,
    *,
    places: Mapping[str, str],
    net_of: str | None = None,
    sample: int = 1,
) -> Table:
    """The same as a table, a column a scenario, a few lines a cut, the whole last."""
    by = by or COMMITMENTS_BY
    parts = commitments_by(rows, by, net_of=net_of).astype(dict.fromkeys(by, str))
    whole = commitments_by(rows, [], net_of=net_of)
    shown = {name: title for name, title in titles.items() if name != net_of}
    cuts = [*lines_of(parts, by, language, places)]
    cuts.append(([label("costs.total", language), *("" for _ in by[1:])], {}))
    lines = []
    for said, keys in cuts:
        frame, head = (parts if keys else whole), said
        for measure in _MEASURES:
            write = number(language) if measure in ("files", "accepted") else millions(language)
            found = [row_of(frame, scenario=name, measure=measure, **keys) for name in shown]
            if any(row is not None and row["mean"] != 0 for row in found):
                cells = [cell(row, write, language) for row in found]
                lines.append((*head, label(f"commitments.{measure}", language), *cells))
                head = ["" for _ in head]
            if measure == "accepted" and net_of is None and "payer" not in keys:
                shares = [_accepted(frame, language, scenario=name, **keys) for name in shown]
                lines.append((*head, label("commitments.share", language), *shares))
    of_sample = [label("answers.sample", language, sample=sample)] if sample > 1 else []
    note = "note" if net_of is None else "net_note"
    return Table(
        key="commitments",
        title=label("commitments.title", language),
        note=" ".join([*of_sample, label(f"commitments.{note}", language)]),
        columns=(
            *(label(f"costs.by.{name}", language) for name in by),
            label("commitments.measure", language),
            *shown.values(),
        ),
        rows=tuple(lines),
    )


def _accepted(frame: pd.DataFrame, language: Language, **keys: str) -> str:
    """The share of files accepted, of means; a dash where there is none."""
    files, accepted = (row_of(frame, measure=measure, **keys) for measure in ("files", "accepted"))
    if files is None or accepted is None or not files["mean"]:
        return "–"
    return share(language)(float(accepted["mean"]) / float(files["mean"]))


def fund_table(frame: pd.DataFrame, titles: Mapping[str, str], language: Language) -> Table:
    """What mutualised funds owe and pay, a line a scenario, year and operator; the year's envelope last."""
    lines = []
    frame = frame.astype({"year": str})
    for name, title in titles.items():
        of = frame[frame["scenario"] == name]
        head = title
        for year in sorted(of["year"].unique()):
            operators = [o for o in of.loc[of["year"] == year, "operator"].unique() if o != _ALL]
            for operator in (*operators, _ALL):
                cells = [_of_fund(of, language, year, operator, measure) for measure in _FUND]
                key = "costs.total" if operator == _ALL else f"operator.{operator}"
                lines.append((head, year, label(key, language), *cells))
                head = ""
    columns = [label(f"fund.{name}", language) for name in ("scenario", "year", "operator", *_FUND)]
    note = label("fund.note" if lines else "fund.none", language)
    return Table("fund", label("fund.title", language), note, tuple(columns), tuple(lines))


def _of_fund(frame: pd.DataFrame, language: Language, year: str, operator: str, measure: str) -> str:
    write = number(language) if measure == "paths" else euros(language)
    return cell(row_of(frame, year=year, operator=operator, indicator=measure), write, language)


def budget_table(frame: pd.DataFrame, scenarios: Sequence[Scenario], language: Language) -> Table:
    """Each line of the budgets of scenarios beside what is simulated: gap, and what explains it."""
    lines = []
    frame = frame.astype({"line": str})
    for scenario in scenarios:
        of, head = frame[frame["scenario"] == scenario.name], getattr(scenario.title, language)
        for rank, line in enumerate(scenario.costs.budget_lines):
            found = {str(row["indicator"]): row for _, row in of[of["line"] == str(rank)].iterrows()}
            write = euros(language)
            told = [cell(found.get(name), write, language) for name in ("given", "simulated", "difference")]
            ends = [
                cell(found.get(f"at_{end}_prices"), write, language, interval=False)
                for end in ("low", "high")
            ]
            name, when = getattr(line.name, language), label(f"budget.{line.euros}", language, year=line.year)
            between = (
                label("answers.interval", language, low=ends[0], high=ends[1])
                if "simulated" in found
                else "–"
            )
            lines.append((head, f"{name} ({line.source})", when, *told, between, _why(found, language)))
            head = ""
    names = ("scenario", "line", "year", "given", "simulated", "difference", "prices", "why")
    columns = tuple(label(f"budget.{name}", language) for name in names)
    note = label("budget.note" if lines else "budget.none", language)
    return Table("budget_lines", label("budget.title", language), note, columns, tuple(lines))


def _why(found: Mapping[str, pd.Series], language: Language) -> str:
    """Where the gap is: in the noise, in the range of prices, or in neither; and what is simulated."""
    if "simulated" not in found:
        return label("budget.because.no_year", language)
    given, simulated = float(found["given"]["mean"]), found["simulated"]
    total = float(simulated["mean"])
    if total == 0:
        return label("budget.because.nothing", language)
    low, high = (float(found[f"at_{end}_prices"]["mean"]) for end in ("low", "high"))
    if float(simulated["low"]) <= given <= float(simulated["high"]):
        verdict = "noise"
    else:
        verdict = "prices" if low <= given <= high else "volume"
    natures = {
        name.removeprefix(NATURE): float(row["mean"])
        for name, row in found.items()
        if name.startswith(NATURE)
    }
    largest = sorted(natures, key=lambda name: -abs(natures[name]))[:_NAMED_NATURES]
    part: Write = share(language)
    told = [f"{_nature(name, language)} {part(natures[name] / total)}" for name in largest]
    of_people = part(float(found["marginal"]["mean"]) / total)
    said = label(f"budget.because.{verdict}", language, times=number(language, 2)(given / total))
    return " ".join(
        [said, label("budget.because.made_of", language, natures=", ".join(told), marginal=of_people)]
    )


def _nature(code: str, language: Language) -> str:
    """What a nature of the ledger, or a kind of commitment, is called."""
    kinds = ("cif_cdi", "cif_cdd", "training", "vae")
    return label(f"costs.kind.{code}" if code in kinds else f"nature.{code}", language)
