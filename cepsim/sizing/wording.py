"""A sizing in words."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from cepsim.experiment.sentence import places
from cepsim.labels import Language, label
from cepsim.sizing.norm import Norm
from cepsim.units import format_number, format_share

if TYPE_CHECKING:
    from cepsim.sizing.answer import Sizing
    from cepsim.sizing.budget import Budgeted


def answer(of: Sizing, language: Language = "fr") -> str:
    """The answer in a sentence: how many advisers, where, for which delay, at what cost."""
    frame, planned = of.posts, of.asked.plan

    def text(key: str, **values: object) -> str:
        return label(f"sizing.{key}", language, **values)

    def etp(value: float) -> str:
        return format_number(value, language, 1)

    said = {
        "places": places(planned, language),
        "title": getattr(of.asked.scenario.title, language),
        "norms": " ; ".join(norm_text(norm, language) for norm in of.asked.norms),
        "date": day(of.asked.from_date, language),
        "confidence": format_share(of.asked.confidence, language, 0),
    }
    if not of.is_met:
        short = [one.claims for one in of.regions if not one.is_met]
        worst = min((claim for claims in short for claim in claims), key=lambda claim: claim.slack)
        here = (frame["operator"] == worst.operator) & (frame["region"] == worst.region)
        unmet = text(
            "unmet",
            **said,
            operator=label(f"operator.{worst.operator}", language),
            region=worst.region,
            share=format_share(worst.share, language, 1),
            stage=label(f"sizing.stage.{worst.norm.stage}", language),
            etp=etp(float(frame.loc[here, "etp_sized"].max())),
        )
        if worst.verdict == "missed":
            return unmet
        return f"{unmet} {text('too_few', low=format_share(worst.low, language, 1))}"
    # posts of several years are means of them
    years = frame["from_date"].nunique()
    total = frame[["etp_today", "etp_scenario", "etp_sized", "delta_cost"]].sum() / years
    each = (frame.groupby("operator", sort=False)["etp_sized"].sum() / years).items()
    found = text(
        "found",
        **said,
        sized=etp(total["etp_sized"]),
        today=etp(total["etp_today"]),
        scenario=etp(total["etp_scenario"]),
        each=", ".join(f"{label(f'operator.{name}', language)} {etp(value)}" for name, value in each),
        cost=signed_thousands(float(total["delta_cost"]), language),
    )
    return f"{found} {text('global' if of.is_global else 'certified')}"


def budget_answer(of: Budgeted, language: Language = "fr") -> str:
    """Where the posts of a budget go, what they leave, and what one more would spare."""

    def text(key: str, **values: object) -> str:
        return label(f"sizing.budget.{key}", language, **values)

    frame = of.posts
    each = frame.groupby("operator", sort=False)["etp_budget"].sum().items()
    late, before = frame["late"].sum(), frame["late_scenario"].sum()
    asked = frame["asked"].sum()
    waited = (frame["wait"] * frame["asked"]).sum() / asked
    decimals = 1 if of.loss == "late" else 0
    return text(
        "found",
        places=places(of.asked.plan, language),
        title=getattr(of.asked.scenario.title, language),
        posts=format_number(float(frame["etp_budget"].sum()), language, 1),
        scenario=format_number(float(frame["etp_scenario"].sum()), language, 1),
        loss=text(f"least_{of.loss}", norms=" ; ".join(norm_text(norm, language) for norm in of.asked.norms)),
        each=", ".join(
            f"{label(f'operator.{name}', language)} {format_number(float(value), language, 1)}"
            for name, value in each
        ),
        late=format_number(float(late), language),
        share=format_share(float(late / asked), language, 1),
        before=format_number(float(before), language),
        wait=format_number(float(waited), language, 1),
        spared=text(f"spared_{of.loss}", value=format_number(of.shadow, language, decimals)),
    )


def norm_text(norm: Norm, language: Language) -> str:
    """A norm in words."""
    who = f"{label(f'operator.{norm.operator}', language)}, " if norm.operator else ""
    return who + label(
        "sizing.norm",
        language,
        stage=label(f"sizing.stage.{norm.stage}", language),
        share=format_share(norm.share, language, 0 if float(norm.share * 100).is_integer() else 1),
        days=norm.days,
    )


def day(when: date, language: Language) -> str:
    """A date as the reader writes it."""
    return when.strftime("%d/%m/%Y" if language == "fr" else "%Y-%m-%d")


def signed_thousands(euros: float, language: Language) -> str:
    """Thousands of euros, with a sign where they are more."""
    return ("+" if euros > 0 else "") + format_number(euros / 1000.0, language)
