"""What futures say, in sentences that may be quoted."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cepsim.labels import Language, label
from cepsim.sensitivity.sentence import amount, capital, failures_said, main_outcomes, noise_said, plain
from cepsim.sensitivity.study import LESS_IS_WORSE
from cepsim.sensitivity.words import named, words
from cepsim.units import format_share

if TYPE_CHECKING:
    from cepsim.sensitivity.futures import Futures

#: Hypotheses worth knowing that are named.
_NAMED: Final = 3


def futures_said(of: Futures, language: Language = "fr") -> list[str]:
    """How often each limit is passed and in which futures, what is noise, what knowing is worth."""
    told = []
    for outcome in of.limits:
        told += [_passed(of, outcome, language), *rules_said(of, outcome, language)]
    told += [noise_said(of.noise, name, language) for name in main_outcomes(of)]
    return [*told, *worth_said(of, language), *failures_said(of, language)]


def rules_said(of: Futures, outcome: str, language: Language = "fr") -> list[str]:
    """A sentence a rule; one that says so where there is none, nothing where nothing fails."""
    passed, known = of.fails(outcome)
    found = of.boxes[outcome]
    if not passed.any() or passed[known].all():
        return []
    if not found:
        return [label("sensitivity.sentence.no_rule", language)]
    rules = of.rules[of.rules["outcome"] == outcome]
    told = []
    for number, box in enumerate(found, 1):
        bounds = rules[rules["rule"] == number].to_dict("records")
        when = f" {label('sensitivity.sentence.and', language)} ".join(
            bound_said(row, language) for row in bounds
        )
        told.append(
            label(
                f"sensitivity.sentence.{'rule' if number == 1 else 'next_rule'}",
                language,
                bounds=when,
                density=format_share(box.density, language, 0),
                coverage=format_share(box.coverage, language, 0),
                points=box.points,
            )
        )
    return told


def bound_said(row: dict[Any, Any], language: Language) -> str:
    """A bound of a rule: "x > 3,2 (heures)", or "x entre 1 et 2 (heures)"."""
    low, high = (
        "" if row[f"is_{side}"] else _rounded(float(row[side]), language) for side in ("low", "high")
    )
    kind = "between" if low and high else "above" if low else "below"
    unit = label(f"unit.{row['figure_unit']}", language)
    return label(
        f"sensitivity.sentence.{kind}",
        language,
        id=words(str(row["figure"]), language),
        low=low,
        high=high,
        unit=unit,
    )


def worth_said(of: Futures, language: Language = "fr") -> list[str]:
    """What knowing is worth before deciding; or why nothing is computed."""
    wanted = of.study.wanted
    if not (wanted.decisions and wanted.euros):
        return [label("sensitivity.sentence.worth_not_asked", language)]
    if of.worth is None:
        return [label("sensitivity.sentence.worth_too_few", language)]
    first = of.decisions.iloc[of.worth.best]
    values = {
        "decision": first["decision"],
        "share": format_share(float(first["share_best"]), language, 0),
        "perfect": amount(of.worth.perfect, "eur_per_year", language),
    }
    frame = of.worth_frame
    rows = frame[(frame["rank"] > 0) & frame["told"].astype(bool)].head(_NAMED)
    if not len(rows):
        return [label("sensitivity.sentence.worth_none", language, **values)]
    worthy = " ; ".join(
        label(
            "sensitivity.sentence.worth_one",
            language,
            id=named(str(row["figure"]), language),
            **{
                name: amount(float(row[name]), "eur_per_year", language)
                for name in ("worth", "worth_low", "worth_high")
            },
        )
        for row in rows.to_dict("records")
    )
    return [label("sensitivity.sentence.worth", language, **values, named=worthy)]


def _passed(of: Futures, outcome: str, language: Language) -> str:
    """In what part of futures a limit is passed."""
    row = of.distribution[of.distribution["outcome"] == outcome].iloc[0]
    what, unit = capital(label(f"precision.indicator.{outcome}", language)), str(row["unit"])
    if math.isnan(row["share_failing"]):
        return label("sensitivity.sentence.no_future", language, outcome=what)
    side = "short" if outcome in LESS_IS_WORSE else "over"
    own = "" if of.study.wanted.limits else f" {label('sensitivity.sentence.at_modes', language)}"
    numbers = {
        name: "–" if np.isnan(row[name]) else amount(float(row[name]), unit, language)
        for name in ("mean", "p05", "p95", "limit")
    }
    return label(
        f"sensitivity.sentence.{side}",
        language,
        outcome=what,
        share=format_share(float(row["share_failing"]), language, 0),
        n=int(row["n"]),
        own=own,
        **numbers,
    )


def _rounded(value: float, language: Language) -> str:
    """A bound found among futures has no more than three digits that mean something."""
    return plain(float(f"{value:.3g}"), language)
