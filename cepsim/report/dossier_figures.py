"""The figures of a run in its dossier: parameters, sources, and hypotheses with their quality and impact."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

from cepsim.labels import label
from cepsim.report.cells import share
from cepsim.report.dossier_facts import Facts
from cepsim.report.table import Table

#: From the least sure to the surest.
QUALITIES: Final = ("hypothesis", "to_verify", "derived", "observed")
#: Where classes of relative range begin, as shares of the mode; the last one has no end.
WIDTHS: Final = (0.1, 0.5, 1.0)
#: Digits of a figure of the tables.
_DIGITS: Final = 6


def parameters(facts: Facts) -> Table:
    """Every figure that the run reads, with its range, how sure it is, and the modules that it enters."""
    language = facts.language
    rows = [
        (
            str(row.id),
            str(row.scenario),
            *_range(row),
            label(f"unit.{row.unit}", language),
            label(f"kind.{row.kind}", language),
            label(f"confidence.{row.confidence}", language),
            label(f"vintage.{row.vintage}", language),
            str(row.source or row.note),
            str(row.enters),
        )
        for row in facts.used[facts.used["use"] == "input"].itertuples()
    ]
    names = ("id", "scenario", "low", "mode", "high", "unit", "kind", "quality", "vintage", "from", "enters")
    return facts.table("parameters", names, rows)


def sources(facts: Facts) -> Table:
    """Each source as printed in the tables, and how many figures of the run it gives."""
    used = facts.used[facts.used["source"] != ""]
    rows = [
        (
            str(source),
            facts.count(len(group)),
            ", ".join(sorted({str(year) for year in group["year"] if year})),
            ", ".join(dict.fromkeys(group["table"])),
            _uses(facts, group),
        )
        for source, group in used.groupby("source", sort=False)
    ]
    return facts.table("sources", ("source", "figures", "year", "table", "use"), rows)


def _uses(facts: Facts, group: pd.DataFrame) -> str:
    """Whether figures feed the run, or are only held against its results."""
    return ", ".join(label(f"dossier.use.{use}", facts.language) for use in dict.fromkeys(group["use"]))


def hypotheses(facts: Facts) -> Table:
    """What is not sure of the run: how sure, and how far it moves the answer, where somebody measured it."""
    language = facts.language
    percent, unsure = share(language), _unsure(facts)
    rows = [
        (
            str(row.id),
            str(row.scenario),
            *_range(row),
            label(f"unit.{row.unit}", language),
            label(f"confidence.{row.confidence}", language),
            "–" if np.isnan(width) or width == 0.0 else percent(width),
            facts.impacts.get(str(row.id), label("dossier.not_measured", language)),
            str(row.enters),
            str(row.note or row.source),
        )
        for row, width in zip(unsure.itertuples(), unsure["width"].tolist(), strict=True)
    ]
    names = ("id", "scenario", "low", "mode", "high", "unit", "quality", "width", "impact", "enters", "why")
    return facts.table("hypotheses", names, rows)


def impact_quality(facts: Facts) -> Table:
    """How many figures are how sure and how widely unknown; and of how many the impact was measured."""
    unsure, language = _unsure(facts), facts.language
    classes = np.digitize(unsure["width"].fillna(np.inf), WIDTHS)
    ranged = unsure["low"] < unsure["high"]
    rows = []
    for quality in QUALITIES:
        here = unsure["confidence"] == quality
        found = [here & ~ranged, *(here & ranged & (classes == n) for n in range(len(WIDTHS) + 1))]
        measured = here & unsure["id"].isin(list(facts.impacts))
        numbers = (facts.count(int(chosen.sum())) for chosen in (*found, measured, here))
        rows.append((label(f"confidence.{quality}", language), *numbers))
    write = share(language)
    between = [
        facts.text("impact_quality.between", low=write(low), limit=write(limit))
        for low, limit in pairwise(WIDTHS)
    ]
    columns = (
        facts.text("column.quality"),
        facts.text("impact_quality.fixed"),
        facts.text("impact_quality.within", limit=write(WIDTHS[0])),
        *between,
        facts.text("impact_quality.beyond", limit=write(WIDTHS[-1])),
        facts.text("impact_quality.measured"),
        facts.text("column.total"),
    )
    title, note = facts.text("impact_quality.title"), facts.filled("impact_quality.note")
    return Table("impact_quality", title, note, columns, tuple(rows))


def _unsure(facts: Facts) -> pd.DataFrame:
    """Inputs that are no certainty: said to be a hypothesis or to verify, or with a range; least sure first.

    `width` is the range over the mode: 0 without a range, NaN without a mode to hold it against.
    """
    used = facts.used[facts.used["use"] == "input"]
    found = used[used["confidence"].isin(QUALITIES[:2]) | (used["low"] < used["high"])]
    width = (found["high"] - found["low"]) / found["mode"].abs().replace(0.0, np.nan)
    width = width.mask(found["low"] == found["high"], 0.0)
    quality = found["confidence"].map({name: place for place, name in enumerate(QUALITIES)})
    ordered = found.assign(width=width, quality=quality, spread=width.fillna(np.inf))
    return ordered.sort_values(["quality", "spread"], ascending=[True, False], kind="stable")


def _range(row: Any) -> tuple[str, ...]:
    """Low, mode and high of a row."""
    return tuple(f"{float(value):.{_DIGITS}g}" for value in (row.low, row.mode, row.high))
