"""An estimate beside a simulation, with the gap; one that nothing explains is a warning."""

from __future__ import annotations

from typing import Final

import pandas as pd

from cepsim.twin.answer import Estimate

#: Gaps that are expected, as found in Corse: working days, and part of the delay; share of people.
DAYS: Final = 3.0
PART: Final = 0.25
SHARE: Final = 0.05
#: Fewer people than this are too few for a delay or a share to be told apart from chance.
_FEW: Final = 200.0
_INDICATORS: Final = (("wait_p50", "wait_p50_working_days"), ("share_lost", "share_lost"))
#: What is read of a run.
COLUMNS: Final = (
    "scenario",
    "indicator",
    "region",
    "operator",
    "stage",
    "public",
    "period",
    "mean",
    "low",
    "high",
)


def against(of: Estimate, indicators: pd.DataFrame) -> pd.DataFrame:
    """A row a region, operator, stage and indicator over the horizon: estimated, simulated, gap, verdict.

    `indicators` are those of a run of the same scenario and regions. verdict: "close" (within what is
    expected), "noise" (in the interval of the simulation), "few" people, "critical" (neither calm nor
    overloaded: chance decides), "unknown" (one of the two is not told) or "unexplained", a warning.
    """
    run = indicators[
        (indicators["scenario"] == of.scenario.name)
        & (indicators["public"] == "all")
        & (indicators["period"] == "all")
        & indicators["region"].isin(list(of.regions))
    ]
    keys = ["region", "operator", "stage"]
    mine = of.stages[of.stages["period"] == ""]
    rows = []
    for name, theirs in _INDICATORS:
        found = run[run["indicator"] == theirs][[*keys, "mean", "low", "high"]]
        both = mine[[*keys, "entered", "regime", name]].merge(found, on=keys, how="left")
        both = both[both["stage"] != "information"] if name == "wait_p50" else both
        both = both.rename(columns={name: "estimated", "mean": "simulated"})
        both.insert(3, "indicator", theirs)
        rows.append(both)
    frame = pd.concat(rows, ignore_index=True)
    frame["gap"] = frame["estimated"] - frame["simulated"]
    frame["verdict"] = [_verdict(row) for _, row in frame.iterrows()]
    return frame


def _verdict(row: pd.Series) -> str:
    if pd.isna(row["gap"]):
        return "unknown"
    expected = SHARE if row["indicator"] == "share_lost" else max(DAYS, PART * row["simulated"])
    if abs(row["gap"]) <= expected:
        return "close"
    if row["low"] <= row["estimated"] <= row["high"]:
        return "noise"
    if row["entered"] < _FEW:
        return "few"
    return "critical" if row["regime"] == "critical" else "unexplained"
