"""What a finished run costs by any cut of its ledger, gross or net of the reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from cepsim.costing import CURRENT, DIMENSIONS, MARGINAL
from cepsim.errors import CheckFailed, InputError, UsageError
from cepsim.indicators import interval
from cepsim.labels import DEFAULT_LANGUAGE, Language, all_labels, label
from cepsim.report.cells import cell, euros, row_of
from cepsim.report.table import Table
from cepsim.scenario.fields import Words

_CENTS: Final = 100
_TOTAL: Final = "total"
_CURRENT, _LOW, _HIGH = CURRENT
#: The whole at both ends of the range of what prices rise by.
_ENDS: Final = {"prices_low": _LOW, "prices_high": _HIGH}
#: Dimensions whose codes are of a closed vocabulary.
_NAMED: Final = ("operator", "stage", "public", "nature", "kind", "outcome", "character", "payer")
_WHOLE: Final = ("replication", "year", "amount_cents")


def sound_ledger(
    rows: pd.DataFrame, file: Path, scenarios: Mapping[str, object], dimensions: Sequence[str] = DIMENSIONS
) -> pd.DataFrame:
    """Rows of a ledger read from a file, if they are such as a run with these scenarios writes.

    `dimensions` are its own; commitments have others. A folder of an older run has no current euros.
    Raises InputError for the first thing that a run would not have written.
    """

    def wrong(column: str, found: object, expected: str) -> InputError:
        return InputError(file=str(file), field=column, found=found, expected=expected)

    columns = ("scenario", "replication", *dimensions, "amount_cents")
    for column in columns:
        if column not in rows:
            raise wrong(column, Words("no such column"), f"the columns {', '.join(columns)}")
    for column in [*_WHOLE, *(name for name in ("sample", *CURRENT) if name in rows)]:
        if not pd.api.types.is_integer_dtype(rows[column]):
            raise wrong(column, str(rows[column].dtype), "a whole number")
    rows = rows.astype({"region": str})
    for name in rows["scenario"].unique():
        if name not in scenarios:
            raise wrong("scenario", str(name), "a scenario of the manifest")
    for column in [name for name in _NAMED if name in dimensions]:
        for code in rows[column].unique():
            if code not in _names(column, DEFAULT_LANGUAGE):
                raise wrong(column, str(code), "a code that a ledger may hold")
    return rows


def costs_by(rows: pd.DataFrame, by: Sequence[str], *, net_of: str | None = None) -> pd.DataFrame:
    """Cost of the horizon by scenario and by some dimensions of the ledger, in euros.

    `rows` is the frame `ledger` of a run: a row a cell of a replication of a scenario, `amount_cents` whole.
    With `net_of`, the amounts of that scenario are taken from those of the others, replication by
    replication, since both have the same people. Columns scenario, those of `by`, mean, low, high, n, in
    constant euros, and current_mean, current_low, current_high in those of each year where the rows have
    them; a replication without a row counts 0, and the interval is that of `indicators.interval`. Raises
    UsageError for a dimension that the ledger does not have, or twice the same, and for a `net_of` that was
    not run; CheckFailed where what is cut does not add up to the whole, to the cent.
    """
    found = summed_by(rows, by, "amount_cents", DIMENSIONS, net_of=net_of)
    if _CURRENT in rows:
        current = summed_by(rows, by, _CURRENT, DIMENSIONS, net_of=net_of)
        found = found.assign(**{f"current_{name}": current[name] for name in ("mean", "low", "high")})
    money = [name for name in found if str(name).endswith(("mean", "low", "high"))]
    return found.assign(**{str(name): found[name] / _CENTS for name in money})


def summed_by(
    rows: pd.DataFrame,
    by: Sequence[str],
    column: str,
    dimensions: Sequence[str],
    *,
    net_of: str | None = None,
) -> pd.DataFrame:
    """Sums of a whole column by scenario and by some of these dimensions: mean, low, high over replications.

    See `costs_by` for what is raised.
    """
    unknown = [name for name in by if name not in dimensions]
    if unknown or len(set(by)) != len(by):
        raise UsageError(
            f"a cut by {', '.join(by)}: expected different dimensions among {', '.join(dimensions)}"
        )
    # a replication of which no row is left counts 0
    every = rows["replication"].unique()
    whole = rows.groupby(["scenario", "replication", *by], observed=True)[column].sum()
    _close(whole, rows, column)
    wide = whole.unstack("replication", fill_value=0)  # noqa: PD010 - a key is there once a replication
    wide = wide.reindex(columns=sorted(every), fill_value=0)
    if net_of is not None:
        wide = _less(wide, net_of)
    n = wide.shape[1]
    found = pd.DataFrame({"mean": wide.mean(axis=1)})
    least = 0.0 if net_of is None else float("-inf")
    found["low"], found["high"] = interval(found["mean"], wide.std(axis=1, ddof=1), n, least=least)
    return found.assign(n=n).reset_index()


def marginal(rows: pd.DataFrame) -> pd.DataFrame:
    """The same ledger, what does not vary with the people counted 0: see `costing.MARGINAL`."""
    varies = rows["nature"].isin(MARGINAL)
    columns = [name for name in ("amount_cents", *CURRENT) if name in rows]
    return rows.assign(**{name: rows[name].where(varies, 0) for name in columns})


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
    """The same as a table, a column a scenario and one more in current euros.

    The whole comes last, with what is marginal of it, then at both ends of the hypothesis on prices. `titles`
    are those of the scenarios, in order; `places` the names of regions by code. Of a sample of one person in
    `sample`, the note says so.
    """
    parts = costs_by(rows, by, net_of=net_of).astype(dict.fromkeys(by, str))
    shown = {name: title for name, title in titles.items() if name != net_of}
    with_current = _CURRENT in rows

    def amounts(frame: pd.DataFrame, **keys: str) -> list[str]:
        cells = []
        for name in shown:
            row = row_of(frame, scenario=name, **keys)
            cells.append(cell(row, euros(language), language))
            if with_current:
                cells.append(cell(_current(row), euros(language), language))
        return cells

    lines = [(*said, *amounts(parts, **keys)) for said, keys in lines_of(parts, by, language, places)]
    wholes = {"total": rows, "marginal": marginal(rows)}
    if with_current:
        wholes |= {end: rows.assign(**{_CURRENT: rows[column]}) for end, column in _ENDS.items()}
    for name, of in wholes.items():
        said = (label(f"costs.{name}", language), *("" for _ in by[1:]))
        lines.append((*said, *amounts(costs_by(of, [], net_of=net_of))))
    of_sample = [label("answers.sample", language, sample=sample)] if sample > 1 else []
    notes = ["note" if net_of is None else "net_note", *(["current_note"] if with_current else [])]
    columns = [label(f"costs.by.{name}", language) for name in by or (_TOTAL,)]
    for title in shown.values():
        columns += [title, label("costs.current", language, scenario=title)] if with_current else [title]
    return Table(
        key="costs_by",
        title=label("costs.title" if net_of is None else "costs.net_title", language),
        note=" ".join([*of_sample, *(label(f"costs.{note}", language) for note in notes)]),
        columns=tuple(columns),
        rows=tuple(lines),
    )


def lines_of(
    parts: pd.DataFrame, by: Sequence[str], language: Language, places: Mapping[str, str]
) -> Iterator[tuple[list[str], dict[str, str]]]:
    """The lines of a cut: what the codes of each are called, and the codes by dimension."""
    names = {name: _names(name, language) for name in by}
    if "region" in names:
        names["region"] |= places
    cut = parts[list(by)].drop_duplicates().sort_values(list(by)) if by else parts.iloc[:0]
    for codes in cut.itertuples(index=False, name=None):
        keys = {name: str(code) for name, code in zip(by, codes, strict=True)}
        yield [names[name].get(code, code) for name, code in keys.items()], keys


def _current(row: pd.Series | None) -> pd.Series | None:
    """The amounts of a row in current euros, under the names of constant ones."""
    if row is None:
        return None
    return pd.Series({name: row[f"current_{name}"] for name in ("mean", "low", "high")})


def _close(cut: pd.Series, rows: pd.DataFrame, column: str) -> None:
    keys = ["scenario", "replication"]
    parts, whole = cut.groupby(keys).sum(), rows.groupby(keys)[column].sum()
    if not parts.equals(whole):
        raise CheckFailed(
            f"the ledger does not close over this cut: {int(parts.sum())} cents, expected {int(whole.sum())}"
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
