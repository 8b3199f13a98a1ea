"""What the tables hold, as frames: slide 5 line by line, and the checks that they pass.

Pure functions: printing them, and turning a failed check into an exit code, is the command line's work.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import pandas as pd

from cepsim.labels import DEFAULT_LANGUAGE, Language, label
from cepsim.tables.agreements import agreements
from cepsim.tables.checks import group_sums
from cepsim.tables.figure import Figure
from cepsim.tables.raking import rake
from cepsim.tables.store import Tables
from cepsim.tables.traps import trap_warnings

#: The lines of slide 5: their label, the number as printed there, the figure that holds it.
_SLIDE_5: Final = (
    ("active", "28 328", "national.act_15_64"),
    ("employed", "25 520", "national.emp_15_64"),
    ("employed_15_24", "2 096", "national.emp_15_24"),
    ("employed_25_49", "16 505", "national.emp_25_49"),
    ("employed_50_64", "6 920", "national.emp_50_64"),
    ("interim", "525 ETP", "national.interim_etp"),
    ("cdd", "2  169", "national.cdd"),
    ("pluriactifs", "2  360*", "national.pluriactifs"),
    ("pluriactifs_salaries", "2 011", "national.pluri_salaries"),
    ("jeunes_contrats", "642ù", "national.jeunes_contrats"),
    ("alternance", "584", "national.alternance"),
    ("unemployed", "2 808", "national.une_bit"),
    ("activite_reduite", "1 100", "national.act_reduite"),
    ("layoffs", "303", "flows.licenciements_eco.all@check"),
    ("ruptures", "320", "flows.ruptures_conv.all@check"),
    ("cif", "35, 336 *", "flows.cif_cdi.pris_en_charge@2010"),
    ("bilans_cdi", "31, 600", "flows.bdc_cdi.opacif@check"),
    ("training", "566", "flows.formation_de.entrants@check"),
    ("cif_cdd", "9, 5 *", "flows.cif_cdd.pris_en_charge@2010"),
    ("bilans_cdd", "0, 86", "flows.bdc_cdd.opacif@check"),
)


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The state of the tables.

    Attributes:
        passed: whether every exact residual is 0, every sum is met and every agreement holds.
        residuals: control, target, got, difference, exact: regions and publics after raking, in persons.
        sums: group, rows, total, expected, difference, ok: shares and stocks that must add up.
        agreements: id, rule, written, computed, ok: figures that follow from others.
        confidences: a row a table: figures by confidence, then by vintage and use.
        warnings: trap, text: what is easily misread, with today's figures.
    """

    passed: bool
    residuals: pd.DataFrame
    sums: pd.DataFrame
    agreements: pd.DataFrame
    confidences: pd.DataFrame
    warnings: pd.DataFrame


def check_report(tables: Tables, language: Language = DEFAULT_LANGUAGE) -> CheckReport:
    """Rakes the tables and recomputes what they say of each other.

    Raises TableError if they cannot be raked.
    """
    population = rake(tables)
    sums = pd.DataFrame(
        [
            (name, rows, total, expected, total - expected, ok)
            for name, rows, total, expected, ok in group_sums(tables.figures.values())
        ],
        columns=["group", "rows", "total", "expected", "difference", "ok"],
    )
    agreed = pd.DataFrame(
        [(a.id, a.rule, a.written, a.computed, a.holds) for a in agreements(tables)],
        columns=["id", "rule", "written", "computed", "ok"],
    )
    residuals = population.residuals
    exact = residuals[residuals["exact"]]
    passed = bool((exact["difference"] == 0).all() and sums["ok"].all() and agreed["ok"].all())
    warnings = pd.DataFrame(
        [
            (number, label(f"trap.t{number:02d}", language, **values))
            for number, values in trap_warnings(tables, population, language)
        ],
        columns=["trap", "text"],
    )
    return CheckReport(passed, residuals, sums, agreed, confidence_counts(tables.figures.values()), warnings)


def confidence_counts(figures: Iterable[Figure]) -> pd.DataFrame:
    """How many of these figures are in each table, by confidence, vintage and use; a total last."""
    frame = pd.DataFrame(
        [(f.table, f.confidence, f.vintage, f.use) for f in figures],
        columns=["table", "confidence", "vintage", "use"],
    )
    counted = pd.concat(
        [pd.crosstab(frame["table"], frame[column]) for column in ("confidence", "vintage", "use")], axis=1
    )
    order = ["observed", "derived", "to_verify", "hypothesis", "ex_ante", "ex_post", "input", "check"]
    counted = counted.reindex(columns=order, fill_value=0)
    counted.loc["total"] = counted.sum()
    counted.insert(0, "figures", counted["ex_ante"] + counted["ex_post"])
    return counted.rename_axis("table").reset_index()


def slide_5_report(tables: Tables, language: Language = DEFAULT_LANGUAGE) -> pd.DataFrame:
    """Slide 5 as printed, and what each number really is.

    Columns: line, printed, id, value (in base units: persons, or ETP), unit (its base code), kind, year,
    source, agrees (whether the table holds the number printed), meaning.
    """
    rows = []
    for name, printed, id_ in _SLIDE_5:
        figure = tables.figure(id_)
        value = figure.mode_in_base
        rows.append(
            (
                label(f"slide5.line.{name}", language),
                printed,
                id_,
                value,
                figure.base_unit,
                figure.kind,
                figure.year,
                figure.source,
                abs(value - 1000 * printed_number(printed)) <= 0.5 * 1000 * _last_digit(printed),
                label(f"slide5.meaning.{name}", language),
            )
        )
    columns = ["line", "printed", "id", "value", "unit", "kind", "year", "source", "agrees", "meaning"]
    return pd.DataFrame(rows, columns=columns)


def printed_number(printed: str) -> float:
    """A number of slide 5, in the thousands it is printed in: "35, 336 *" is 35.336, "2  169" is 2169."""
    return float("".join(sign for sign in printed.replace(",", ".") if sign.isdigit() or sign == "."))


def _last_digit(printed: str) -> float:
    """The weight of the last digit printed: 0.1 for "9, 5 *", which stands for 9 507."""
    digits = "".join(sign for sign in printed if sign.isdigit() or sign == ",")
    return float(10.0 ** -len(digits.partition(",")[2]))
