"""What becomes of requests for a CIF in scenarios compared: asked for, accepted, refused."""

from __future__ import annotations

from typing import Final

from cepsim.experiment import Comparison
from cepsim.experiment.paired import means
from cepsim.indicators import ALL
from cepsim.indicators.rows import KEYS
from cepsim.labels import Language, label
from cepsim.report.cells import cell, number, row_of, signed

_MEASURES: Final = ("cif_requests", "cif_accepted", "cif_refusals")


def cif_rows(of: Comparison, language: Language) -> list[tuple[str, ...]]:
    """A row a measure: its name, its count in the base, then the difference of each other scenario.

    Over all regions, operators and publics, within the horizon. A measure counted in no scenario has no row.
    """
    rows, plain = [], number(language)
    everywhere = {key: ALL for key in KEYS if key != "indicator"}
    differences = of.indicators[of.indicators["indicator"].isin(_MEASURES)]
    runs = [run[run["indicator"].isin(_MEASURES)] for run in of.results.replicated(of.base)]
    base = means(runs, KEYS, comparisons=1, least=0.0)
    for measure in _MEASURES:
        keys = {**everywhere, "indicator": measure}
        found = [row_of(differences, scenario=name, **keys) for name in of.others]
        if all(row is None for row in found):
            continue
        level = row_of(base, **keys)
        rows.append(
            (
                label(f"compare.cif.{measure}", language),
                # nobody where the base counts none
                plain(0.0) if level is None else cell(level, plain, language),
                *(cell(row, signed(plain), language) for row in found),
            )
        )
    return rows
