"""The answer of a run in one sentence, for whoever types the name of its results."""

from __future__ import annotations

import math

import pandas as pd

from cepsim.experiment.plan import Plan
from cepsim.labels import Language, label
from cepsim.units import CENTS_PER_EURO, format_euros, format_number, format_share

#: More regions than this are counted, not named.
_NAMED_REGIONS = 3
#: The row of an indicator of the accueil that sums over every other key.
_ACCUEIL = {
    "region": "all",
    "operator": "all",
    "stage": "accueil",
    "public": "all",
    "team": "all",
    "period": "all",
}
_NOTHING = "–"


def headline(plan: Plan, language: Language = "fr") -> str:
    """What was run: "Corse (94), 1 an, moyennes de 2 réplications"."""
    names = {region.code: region.name for region in plan.tables.regions}
    places = [f"{names[code]} ({code})" for code in plan.regions]
    counted = len(places) > _NAMED_REGIONS
    parts = (
        _counted("regions", len(places), language) if counted else ", ".join(places),
        _counted("years", plan.scenarios[0].calendar.years, language),
        _counted("replications", plan.replications, language),
    )
    return ", ".join(parts)


def findings(
    plan: Plan, indicators: pd.DataFrame, net_costs: pd.DataFrame, language: Language = "fr"
) -> list[str]:
    """One clause a scenario: median wait for an accueil in working days, share lost, net cost.

    `indicators` and `net_costs` are the frames of `Results`. Figures are means over replications, without
    their intervals. A median that some replication does not reach is "> bound", what nobody measured is a
    dash, and `reference`, the base of every net cost, has none.
    """
    clauses = []
    for scenario in plan.scenarios:
        here = indicators[indicators["scenario"] == scenario.name]
        wait = _only(here, _ACCUEIL | {"indicator": "wait_p50_working_days"})
        lost = _only(here, _ACCUEIL | {"indicator": "share_lost"})
        cost = _only(net_costs[net_costs["scenario"] == scenario.name], {"cut": "total", "indicator": "net"})
        parts = [
            label("sentence.wait", language, days=_days(wait, language)),
            label("sentence.lost", language, share=_share(lost, language)),
        ]
        if cost is not None:
            cents = round(float(cost["mean"]) * CENTS_PER_EURO)
            parts.append(label("sentence.net", language, cost=format_euros(cents, language, 2, "M")))
        title = scenario.title.fr if language == "fr" else scenario.title.en
        clauses.append(
            label("sentence.scenario", language, title=title, name=scenario.name, found=", ".join(parts))
        )
    return clauses


def _counted(what: str, count: int, language: Language) -> str:
    return label(f"sentence.{what}.{'one' if count == 1 else 'many'}", language, count=count)


def _only(frame: pd.DataFrame, keys: dict[str, str]) -> pd.Series | None:
    """The row with these keys, or None. Raises ValueError if there are several."""
    for column, value in keys.items():
        frame = frame[frame[column] == value]
    if len(frame) > 1:
        raise ValueError(f"{len(frame)} rows for {keys}, expected one")
    return frame.iloc[0] if len(frame) else None


def _days(row: pd.Series | None, language: Language) -> str:
    if row is None:
        return _NOTHING
    if not math.isnan(row["mean"]):
        return format_number(row["mean"], language, 1)
    return _NOTHING if math.isnan(row["beyond"]) else f"> {format_number(row['beyond'], language, 1)}"


def _share(row: pd.Series | None, language: Language) -> str:
    return _NOTHING if row is None or math.isnan(row["mean"]) else format_share(row["mean"], language, 1)
