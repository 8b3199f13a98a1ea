"""What a sensitivity analysis found, in sentences that may be quoted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from cepsim.indicators import FEWEST_REPLICATIONS
from cepsim.labels import Language, label
from cepsim.sensitivity.words import named
from cepsim.units import CENTS_PER_EURO, format_euros, format_number, format_share

if TYPE_CHECKING:
    import pandas as pd

    from cepsim.sensitivity.answer import Answer
    from cepsim.sensitivity.morris import Morris
    from cepsim.sensitivity.sobol import Sobol
    from cepsim.sensitivity.tornado import Tornado

#: Outcomes that are a budget, and those that are a delay: the first one that was asked for is told.
COSTS: Final = ("new_money", "net_cost", "gross_cost")
DELAYS: Final = ("wait_p90", "wait_p50", "share_lost", "share_within_norm")
_RANGE: Final = ("low", "mode", "high")
#: Hypotheses named in a sentence.
_NAMED: Final = 3
#: Euros from which amounts are told in millions.
_MILLIONS: Final = 1_000_000
_DECIMALS: Final = 4


def tornado_said(of: Tornado, language: Language = "fr") -> list[str]:
    """What may make the budget fail, what may lengthen the waits, how much of the doubt is noise."""
    kinds = [("budget", first_known(of, COSTS)), ("delay", first_known(of, DELAYS))]
    told = [_fears(of, kind, outcome, language) for kind, outcome in kinds if outcome is not None]
    return [
        *told,
        *(noise_said(of.noise, name, language) for name in main_outcomes(of)),
        *failures_said(of, language),
    ]


def morris_said(of: Morris, language: Language = "fr") -> list[str]:
    """The hypotheses that move a cost and a delay most."""
    told = []
    for outcome in main_outcomes(of):
        here = of.ranking[of.ranking["outcome"] == outcome]
        rows = here[here["mu_star"] > 0.0].head(_NAMED)
        told_of = [
            label(
                "sensitivity.sentence.morris_one",
                language,
                id=named(str(figure), language),
                effect=amount(star, unit, language),
                spread=amount(sigma, unit, language) if math.isfinite(sigma) else "–",
            )
            for figure, unit, star, sigma in zip(
                rows["figure"], rows["unit"], rows["mu_star"].tolist(), rows["sigma"].tolist(), strict=True
            )
        ]
        told.append(_named("morris", outcome, told_of, language))
    return [*told, *failures_said(of, language)]


def sobol_said(of: Sobol, language: Language = "fr") -> list[str]:
    """The hypotheses that explain most of the variance of a cost and of a delay, and what part is noise."""
    told = []
    for outcome in main_outcomes(of):
        here = of.ranking[of.ranking["outcome"] == outcome]
        rows = here[here["total"] > 0.0].head(_NAMED)
        told_of = [
            label(
                "sensitivity.sentence.sobol_one",
                language,
                id=named(str(row["figure"]), language),
                **{name: format_share(float(row[name]), language, 0) for name in _INDICES},
            )
            for row in rows.to_dict("records")
        ]
        told.append(_named("sobol", outcome, told_of, language))
        told.append(noise_said(of.noise, outcome, language))
    return [*told, *failures_said(of, language)]


_INDICES: Final = ("first", "first_low", "first_high", "total", "total_low", "total_high")


def main_outcomes(of: Answer) -> list[str]:
    """A cost and a delay: the first of each that was asked for and is known; else what was asked first."""
    known = [name for name in of.study.names if not math.isnan(of.level(name))]
    return cost_and_delay(known) or [of.study.names[0]]


def cost_and_delay(names: Sequence[str]) -> list[str]:
    """Of some outcomes, the cost and the delay that are told: the first of each; or only one, or none."""
    return [found for kind in (COSTS, DELAYS) for found in [n for n in kind if n in names][:1]]


def first_known(of: Answer, names: tuple[str, ...]) -> str | None:
    """The first of these outcomes that was asked for and has a level."""
    asked = [name for name in names if name in of.study.names]
    return next((name for name in asked if not math.isnan(of.level(name))), None)


def noise_said(noise: pd.DataFrame, outcome: str, language: Language = "fr") -> str:
    """How sure an outcome is, what part of that is noise, and whether more replications would help."""
    row = noise[noise["outcome"] == outcome].iloc[0]
    unit, n = str(row["unit"]), int(row["replications"])
    values = {"outcome": capital(label(f"precision.indicator.{outcome}", language)), "n": n}
    if n < 2 or math.isnan(row["half_width"]):
        return label("sensitivity.sentence.noise_unknown", language, **values)
    values["half"] = amount(float(row["half_width"]), unit, language)
    values["share"] = "–" if math.isnan(row["noise_share"]) else format_share(row["noise_share"], language, 0)
    enough = float(row["enough"])
    if enough <= n:
        return label("sensitivity.sentence.enough", language, **values)
    if math.isinf(enough):
        return label("sensitivity.sentence.all_noise", language, **values)
    least = amount(float(row["least_half_width"]), unit, language)
    values |= {"enough": format_number(enough, language), "least": least}
    return label("sensitivity.sentence.more", language, **values)


def failures_said(of: Answer, language: Language = "fr") -> list[str]:
    """How many points failed, if some did."""
    if not of.failed:
        return []
    told = [label("sensitivity.sentence.failed", language, count=of.failed, points=len(of.points))]
    if of.found.problems[0] and not of.points[0]:
        told.append(label("sensitivity.sentence.base_failed", language, problem=of.found.problems[0]))
    return told


def amount(value: float, unit: str, language: Language, *, sign: bool = False) -> str:
    """A value of an outcome, or with its sign a change of it."""
    plus = "+" if sign and value > 0 else ""
    if unit.startswith("eur"):
        cents = round(value * CENTS_PER_EURO)
        large = abs(value) >= _MILLIONS
        return plus + format_euros(cents, language, 2 if large else 0, "M" if large else "")
    if unit == "share":
        if not sign:
            return format_share(value, language)
        return plus + label("note.points", language, value=format_number(100.0 * value, language, 1))
    return plus + format_number(value, language, 1 if unit == "working_days" else 0)


def plain(value: float, language: Language) -> str:
    """A figure with the decimals that it has, four at most."""
    decimals = next((n for n in range(_DECIMALS) if math.isclose(value, round(value, n))), _DECIMALS)
    return format_number(value, language, decimals)


def _named(kind: str, outcome: str, told: list[str], language: Language) -> str:
    what = label(f"precision.indicator.{outcome}", language)
    if not told:
        return label("sensitivity.sentence.nothing", language, outcome=what)
    return label(f"sensitivity.sentence.{kind}", language, outcome=what, named=" ; ".join(told))


def capital(text: str) -> str:
    """The text with a capital."""
    return text[:1].upper() + text[1:]


def _fears(of: Tornado, kind: str, outcome: str, language: Language) -> str:
    """The hypotheses that worsen an outcome most, each with its range and by how much at most."""
    ranking = of.ranking[of.ranking["outcome"] == outcome]
    few = of.study.planned.replications < FEWEST_REPLICATIONS
    worse = ranking[(ranking["worse"] > 0) & (ranking["told"].fillna(few).astype(bool))]
    worse = worse.sort_values(["beyond", "worse"], ascending=False, kind="stable")
    what = label(f"precision.indicator.{outcome}", language)
    if not len(worse):
        return label(f"sensitivity.sentence.{kind}_none", language, outcome=what)
    figures = {figure.id: figure for figure in of.study.hypotheses.figures}
    told_of = [
        label(
            f"sensitivity.sentence.{'beyond' if row.beyond else 'one'}",
            language,
            id=named(str(row.figure), language),
            **{end: plain(getattr(figures[str(row.figure)], end), language) for end in _RANGE},
            unit=label(f"unit.{figures[str(row.figure)].unit}", language),
            change=amount(change, str(row.unit), language, sign=True),
        )
        for row, change in zip(worse.head(_NAMED).itertuples(), worse["worse"].tolist(), strict=False)
    ]
    text = label(f"sensitivity.sentence.{kind}", language, outcome=what, named=" ; ".join(told_of))
    return f"{text} {label('sensitivity.sentence.few', language)}" if few else text
