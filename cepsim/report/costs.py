"""What a finished run costs by any cut of its ledger, gross or net of the reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from cepsim.costing import DIMENSIONS
from cepsim.errors import CheckFailed, InputError, UsageError
from cepsim.indicators import interval
from cepsim.labels import DEFAULT_LANGUAGE, Language, all_labels, label
from cepsim.report.cells import cell, euros, row_of
from cepsim.report.table import Table
from cepsim.scenario.fields import Words

_CENTS: Final = 100
_TOTAL: Final = "total"
#: Dimensions whose codes are of a closed vocabulary.
_NAMED: Final = ("operator", "stage", "public", "nature", "character", "payer")
_WHOLE: Final = ("replication", "year", "amount_cents")


def sound_ledger(rows: pd.DataFrame, file: Path, scenarios: Mapping[str, object]) -> pd.DataFrame:
    """Rows of a ledger read from a file, if they are such as a run with these scenarios writes.

    Raises InputError for the first thing that a run would not have written.
    """

    def wrong(column: str, found: object, expected: str) -> InputError:
        return InputError(file=str(file), field=column, found=found, expected=expected)

    columns = ("scenario", "replication", *DIMENSIONS, "amount_cents")
    for column in columns:
        if column not in rows:
            raise wrong(column, Words("no such column"), f"the columns {', '.join(columns)}")
    for column in [*_WHOLE, *({"sample"} & set(rows.columns))]:
        if not pd.api.types.is_integer_dtype(rows[column]):
            raise wrong(column, str(rows[column].dtype), "a whole number")
    rows = rows.astype({"region": str})
    for name in rows["scenario"].unique():
        if name not in scenarios:
            raise wrong("scenario", str(name), "a scenario of the manifest")
    for column in _NAMED:
        for code in rows[column].unique():
            if code not in _names(column, DEFAULT_LANGUAGE):
                raise wrong(column, str(code), "a code that a ledger may hold")
    return rows


def costs_by(rows: pd.DataFrame, by: Sequence[str], *, net_of: str | None = None) -> pd.DataFrame:
    """Cost of the horizon by scenario and by some dimensions of the ledger, in euros.

    `rows` is the frame `ledger` of a run: a row a cell of a replication of a scenario, `amount_cents` whole.
    With `net_of`, the amounts of that scenario are taken from those of the others, replication by
    replication, since both have the same people. Columns scenario, those of `by`, mean, low, high, n; a
    replication without a row counts 0, and the interval is that of `indicators.interval`. Raises UsageError
    for a dimension that the ledger does not have, or twice the same, and for a `net_of` that was not run;
    CheckFailed where what is cut does not add up to the whole, to the cent.
    """
    unknown = [name for name in by if name not in DIMENSIONS]
    if unknown or len(set(by)) != len(by):
        raise UsageError(
            f"a cut by {', '.join(by)}: expected different dimensions among {', '.join(DIMENSIONS)}"
        )
    cents = rows.groupby(["scenario", "replication", *by], observed=True)["amount_cents"].sum()
    _close(cents, rows)
    wide = cents.unstack("replication", fill_value=0)  # noqa: PD010 - a key is there once a replication
    if net_of is not None:
        wide = _less(wide, net_of)
    n = wide.shape[1]
    found = pd.DataFrame({"mean": wide.mean(axis=1) / _CENTS})
    least = 0.0 if net_of is None else float("-inf")
    deviation = wide.std(axis=1, ddof=1) / _CENTS
    found["low"], found["high"] = interval(found["mean"], deviation, n, least=least)
    return found.assign(n=n).reset_index()


def costs_table(
    rows: pd.DataFrame,
    by: Sequence[str],
    titles: Mapping[str, str],
    language: Language,
    *,
    places: Mapping[str, str],
    net_of: str | None = None,
    sample: int = 1,
) -> Table:
    """The same as a table, a column a scenario, the whole last.

    `titles` are those of the scenarios, in order; `places` the names of regions by code. Of a sample of one
    person in `sample`, the note says so.
    """
    whole = costs_by(rows, [], net_of=net_of)
    parts = costs_by(rows, by, net_of=net_of).astype(dict.fromkeys(by, str))
    shown = {name: title for name, title in titles.items() if name != net_of}
    cut = parts[list(by)].drop_duplicates().sort_values(list(by)) if by else parts.iloc[:0]
    names = {name: _names(name, language) for name in by}
    if "region" in names:
        names["region"] |= places
    lines = []
    for codes in cut.itertuples(index=False, name=None):
        keys = dict(zip(by, codes, strict=True))
        amounts = [_amount(parts, language, scenario=name, **keys) for name in shown]
        lines.append((*(names[name].get(code, code) for name, code in keys.items()), *amounts))
    of_sample = [label("answers.sample", language, sample=sample)] if sample > 1 else []
    total = (label("costs.total", language), *("" for _ in by[1:]))
    lines.append((*total, *(_amount(whole, language, scenario=name) for name in shown)))
    return Table(
        key="costs_by",
        title=label("costs.title" if net_of is None else "costs.net_title", language),
        note=" ".join([*of_sample, label("costs.note" if net_of is None else "costs.net_note", language)]),
        columns=(*(label(f"costs.by.{name}", language) for name in by or (_TOTAL,)), *shown.values()),
        rows=tuple(lines),
    )


def _close(cents: pd.Series, rows: pd.DataFrame) -> None:
    keys = ["scenario", "replication"]
    cut, whole = cents.groupby(keys).sum(), rows.groupby(keys)["amount_cents"].sum()
    if not cut.equals(whole):
        raise CheckFailed(
            f"the ledger does not close over this cut: {int(cut.sum())} cents, expected {int(whole.sum())}"
        )


def _less(wide: pd.DataFrame, base: str) -> pd.DataFrame:
    """What each scenario costs more than the base, wherever either costs something."""
    names = list(dict.fromkeys(wide.index.get_level_values("scenario")))
    if base not in names:
        raise UsageError(f'no run of "{base}" to take costs from: the run has {", ".join(names)}')
    if wide.index.nlevels == 1:
        return wide.drop(index=base) - wide.loc[base]
    of = wide.loc[base]
    parts = {}
    for name in names:
        if name != base:
            mine, theirs = wide.loc[name].align(of, fill_value=0)
            parts[name] = mine - theirs
    return pd.concat(parts, names=["scenario"]) if parts else wide.iloc[:0]


def _amount(frame: pd.DataFrame, language: Language, **keys: str) -> str:
    return cell(row_of(frame, **keys), euros(language), language)


def _names(dimension: str, language: Language) -> dict[str, str]:
    """What the codes of a dimension are called; a ledger has some beside those of the model."""
    every = all_labels(language)
    starts = [f"costs.{dimension}."] if dimension == "character" else [f"{dimension}.", f"costs.{dimension}."]
    return {
        key.removeprefix(start): text
        for start in starts
        for key, text in every.items()
        if key.startswith(start)
    }
