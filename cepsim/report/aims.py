"""What the law and the mission aim at, operator by operator: qualification, few operators, few redirected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cepsim.indicators import ALL
from cepsim.report.cells import Write, number, share
from cepsim.report.table import Table
from cepsim.scenario.vocabulary import OPERATORS

if TYPE_CHECKING:
    from cepsim.labels import Language
    from cepsim.report.answers import Teller

_DECIMALS: Final = 2
#: Told where a scenario sends somebody on before he is received.
_OVERFLOW: Final = "share_received_by_overflow"


def writes(language: Language) -> dict[str, Write]:
    """How each of the aims is written."""
    return {
        "share_qualifying": share(language),
        "mean_operators_met": number(language, _DECIMALS),
        "share_redirected": share(language),
        _OVERFLOW: share(language),
    }


def aims_table(teller: Teller) -> Table:
    """Each aim over all operators and at each, a column a scenario."""
    rows = []
    known = set(teller.horizon["indicator"])
    for aim, write in writes(teller.language).items():
        if aim == _OVERFLOW and aim not in known:
            continue
        for operator in (ALL, *OPERATORS):
            cells = teller.by_scenario(write, indicator=aim, operator=operator)
            name = teller.text(f"aims.{aim}") if operator == ALL else ""
            rows.append((name, teller.operator(operator), *cells))
    columns = [*map(teller.text, ("measure", "operator")), *map(teller.scenario, teller.scenarios)]
    return teller.table("aims", columns, rows, period=teller.period())
