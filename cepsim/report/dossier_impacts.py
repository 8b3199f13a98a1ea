"""How far each hypothesis moves the answer, read back from what a tornado wrote."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from cepsim.errors import InputError
from cepsim.experiment.plan import Plan
from cepsim.experiment.written import MANIFEST, read_frame, read_manifest
from cepsim.labels import Language, label
from cepsim.scenario.fields import Words
from cepsim.sensitivity.sentence import amount, cost_and_delay

_COLUMNS: Final = ("outcome", "unit", "figure", "end", "effect", "told")
_METHOD: Final = "tornado"


def impacts_of(folder: Path, plan: Plan, language: Language = "fr") -> dict[str, str]:
    """What each hypothesis changes to a cost and to a delay, at the ends of its range, by id of figure.

    Raises InputError where the folder is not that of a tornado of a scenario of the plan, with its tables.
    """
    settings = read_manifest(folder).get("sensitivity")
    _check(folder / MANIFEST, settings if isinstance(settings, dict) else {}, plan)
    effects, file = read_frame(folder, "effects")
    lacking = [name for name in _COLUMNS if name not in effects.columns]
    if lacking or not pd.api.types.is_numeric_dtype(effects["effect"]):
        raise InputError(
            file=str(file),
            field=", ".join(lacking) or "effect",
            found=Words("no such column"),
            expected="the effects that `cepsim sensitivity --method tornado` leaves with its results",
        )
    asked = list(dict.fromkeys(effects["outcome"]))
    kept = cost_and_delay(asked) or asked[:1]
    found: dict[str, list[str]] = {}
    for (outcome, figure), part in effects.groupby(["outcome", "figure"], sort=False):
        if outcome in kept:
            found.setdefault(str(figure), []).append(_said(str(outcome), part, language))
    return {figure: " ; ".join(said) for figure, said in found.items()}


def _check(file: Path, settings: Mapping[str, Any], plan: Plan) -> None:
    known = [scenario.name for scenario in plan.scenarios]
    told = {
        "method": (_METHOD, settings.get("method") == _METHOD),
        "scenario": (", ".join(known), settings.get("scenario") in known),
        "tables_sha256": (plan.tables.digest[:12], settings.get("tables_sha256") == plan.tables.digest),
    }
    for field, (expected, holds) in told.items():
        if not holds:
            found = str(settings.get(field, "–"))
            raise InputError(
                file=str(file),
                field=f"sensitivity.{field}",
                found=found[:12] if field == "tables_sha256" else found,
                expected=expected,
                remedy="Run `cepsim sensitivity` on a scenario of the run, with the tables of today.",
            )


def _said(outcome: str, part: pd.DataFrame, language: Language) -> str:
    """What both ends of a hypothesis change to an outcome, and whether it is more than noise."""
    what = label(f"precision.indicator.{outcome}", language)
    unit = str(part["unit"].iloc[0])
    ends = part.dropna(subset=["effect"]).sort_values("effect")["effect"]
    if ends.empty:
        return label("dossier.impact.unknown", language, outcome=what)
    low, high = (amount(float(ends.iloc[rank]), unit, language, sign=True) for rank in (0, -1))
    told = part["told"].dropna()
    kind = "noise" if len(told) and not told.astype(bool).any() else "moves"
    return label(f"dossier.impact.{kind}", language, outcome=what, low=low, high=high)
