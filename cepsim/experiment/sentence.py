"""The answer of a run in one sentence, for whoever types the name of its results."""

from __future__ import annotations

import math

import pandas as pd

from cepsim.experiment.plan import Plan
from cepsim.labels import Language, label, plural
from cepsim.units import CENTS_PER_EURO, format_euros, format_number, format_share

#: More regions than this are counted, not named.
_NAMED_REGIONS = 3
#: The row of an indicator of the accueil at the OPACIF that sums over every other key. All operators together
#: would mix its wait with that of Pôle emploi, where the accueil fits in the registration interview.
_ACCUEIL = {
    "region": "all",
    "operator": "opacif",
    "stage": "accueil",
    "public": "all",
    "team": "all",
    "period": "all",
}
_NOTHING = "–"


def headline(plan: Plan, language: Language = "fr") -> str:
    """What was run: "Corse (94), 1 an, moyennes de 2 réplications", and that it is a sample, if it is one."""
    parts = (
        places(plan, language),
        plural("sentence.years", plan.scenarios[0].calendar.years, language),
        plural("sentence.replications", plan.replications, language),
    )
    whole = ", ".join(parts)
    return whole if plan.sample == 1 else f"{whole}, {label('sentence.sample', language, sample=plan.sample)}"


def places(plan: Plan, language: Language = "fr") -> str:
    """The regions of a plan, by name where they are few: "Corse (94)", "26 régions"."""
    if len(plan.regions) > _NAMED_REGIONS:
        return plural("sentence.regions", len(plan.regions), language)
    names = plan.tables.region_names
    return ", ".join(f"{names[code]} ({code})" for code in plan.regions)


def findings(
    plan: Plan, indicators: pd.DataFrame, net_costs: pd.DataFrame, language: Language = "fr"
) -> list[str]:
    """One clause a scenario: share lost before an accueil at the OPACIF, median wait, net cost.

    `indicators` and `net_costs` are the frames of `Results`. The wait is in working days; figures are means
    over replications, without their intervals. A median that some replication does not reach is "> bound",
    what nobody measured is a dash, and `reference`, the base of every net cost, has none.
    """
    clauses = []
    for scenario in plan.scenarios:
        here = indicators[indicators["scenario"] == scenario.name]
        wait = _only(here, _ACCUEIL | {"indicator": "wait_p50_working_days"})
        lost = _only(here, _ACCUEIL | {"indicator": "share_lost"})
        cost = _only(net_costs[net_costs["scenario"] == scenario.name], {"cut": "total", "indicator": "net"})
        parts = [
            label("sentence.lost", language, share=_share(lost, language)),
            label("sentence.wait", language, days=_days(wait, language)),
        ]
        if cost is not None:
            cents = round(float(cost["mean"]) * CENTS_PER_EURO)
            parts.append(label("sentence.net", language, cost=format_euros(cents, language, 2, "M")))
        title = scenario.title.fr if language == "fr" else scenario.title.en
        clauses.append(
            label("sentence.scenario", language, title=title, name=scenario.name, found=", ".join(parts))
        )
    return clauses


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
