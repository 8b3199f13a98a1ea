"""Where people go after each stage: the shares of the tables, turned into branches by profile."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from cepsim.errors import TableError
from cepsim.laws import Law
from cepsim.network import Branch, NetworkBuilder
from cepsim.people.bilan_first import through_bilan
from cepsim.people.commissions import BUDGETS
from cepsim.people.profiles import Profile
from cepsim.people.stage_figures import StageFigures
from cepsim.people.works import TRIAL, scaled, through_works, trial_seconds
from cepsim.scenario import Scenario
from cepsim.scenario.vocabulary import CONSEIL_WORKS
from cepsim.trace import Reason

#: The choice between an operator's accueil and the other one that a person may go to.
ACCUEIL_OR_OTHER: Final = "accueil_or_other"
#: The choice of who decides on a file of formation: a commission, or whoever decided before.
FINANCER_OF_CIF: Final = "financer"
#: Exit of those whose account does not hold the hours of what they would enter.
EXCLUDED: Final = "excluded"
#: Halvings of an interval: more would not move a probability written on 53 bits.
_HALVINGS = 60


def add_routes(figures: StageFigures, builder: NetworkBuilder) -> None:
    """Add the routes of an operator's stations."""
    again = repeat_probability(figures)
    for profile in figures.profiles:
        who = [profile.name]
        _add_information(figures, builder, profile, again)
        received = through_bilan(figures, builder, profile, _after_accueil(figures, profile))
        builder.route(figures.name("accueil"), received, profiles=who)
        _add_conseil(figures, builder, profile)
        builder.route(figures.name("formalisation"), _after_project(figures, profile), profiles=who)
        builder.route(figures.name("ingenierie"), [_outside(figures, profile, 1.0)], profiles=who)
        builder.route(figures.name("dossier"), _after_preparation(figures, profile), profiles=who)
        builder.route(figures.name("decision"), _after_decision(figures, profile), profiles=who)
    for station in BUDGETS:
        builder.route(figures.name(station), [Branch(1.0, "completed")])
        builder.route(figures.name(station), [Branch(1.0, "refused")], after="lost")
    builder.route(figures.name("sortant"), [Branch(1.0, "not_reached")], after="no_show")
    for station in ("collectif", "sortant", "accueil", "conseil", TRIAL, "formalisation", "ingenierie"):
        builder.route(figures.name(station), [Branch(1.0, "gave_up")], after="lost")


def repeat_probability(figures: StageFigures) -> float:
    """Probability that an answer is not enough, each time, so that the mean of contacts is met.

    With at most m repeats, contacts per person are 1 + q + ... + q**m; they must be 1 / (1 - share). Raises
    TableError where m repeats are too few for that.
    """
    name = repeat_figure(figures.scenario)
    share = figures.tables.figure(f"demand.all.contacts.{name}").mode
    most = repeat_max(figures)
    if 1.0 / (1.0 - share) > most + 1:
        raise TableError(
            file="demand.csv",
            field=f"all: {name}",
            found=share,
            expected=f"at most {most / (most + 1):g}, what {most} further contacts allow",
            remedy="Lower it, or raise calendar.asked_again_max.all.",
        )
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        if sum(middle**n for n in range(most + 1)) < 1.0 / (1.0 - share):
            low = middle
        else:
            high = middle
    return round(low, 12)


def repeat_figure(scenario: Scenario) -> str:
    """Name of the figure that holds the share of contacts that are repeats."""
    base = scenario.demand.shared_information_base
    return "repeat_contact_share" + ("_with_base_information" if base else "")


def repeat_max(figures: StageFigures) -> int:
    """Most further information visits of a person."""
    return figures.counted("asked_again_max.all")


def _add_information(figures: StageFigures, builder: NetworkBuilder, profile: Profile, again: float) -> None:
    """After an answer some ask again; then those who ask for an accueil get in line for it."""
    who = [profile.name]
    gap = figures.elapsed(figures.calendar("repeat_gap.all"))
    onward = "satisfied"
    if profile.asks:
        overflows = figures.scenario.service.overflow and profile.depth
        onward = figures.name(ACCUEIL_OR_OTHER if overflows else "accueil")
    relays = figures.scenario.service.informing_actors
    for channel in ("telephone", "guichet", *(("relais",) if relays else ())):
        first, repeat = figures.name(channel), figures.name(f"{channel}_repeat")
        branches = [
            Branch(again, repeat, gap, repeat_max=repeat_max(figures), reason=Reason.ASKED_AGAIN),
            Branch(1.0 - again, onward),
        ]
        answered = [first, repeat]
        if channel == "telephone":
            # who was called by the operator and asks again calls himself
            answered.append(figures.name("sortant"))
        for station in answered:
            builder.route(station, branches, profiles=who)
        if channel == "relais":  # nobody is lost where nobody waits
            continue
        builder.route(first, [Branch(1.0, "lost_call")], after="lost", profiles=who)
        # somebody who gets no second answer keeps the first
        builder.route(repeat, [Branch(1.0, onward)], after="lost", profiles=who)
    builder.route(figures.name("collectif"), [Branch(1.0, onward)], profiles=who)


def _after_accueil(figures: StageFigures, profile: Profile) -> list[Branch]:
    """A formed project goes to ingénierie, an idea to conseil; the excess of a share goes to the rest.

    P(ingénierie | formed) and P(conseil | idea) are such that the means of the table hold. Raises TableError
    where no such shares exist.
    """
    if profile.distance is None:
        return [Branch(1.0, "satisfied")]
    rest = figures.distance_share("none")

    def given_distance(parameter: str, whose: str) -> float:
        share, part = figures.mode("accueil", parameter, profile), figures.distance_share(whose)
        if profile.distance == whose:
            return min(1.0, share / part) if part > 0 else 0.0
        excess = max(0.0, share - part)
        if profile.distance != "none" or excess == 0.0:
            return 0.0
        return excess / rest

    direct = given_distance("p_ingenierie_direct", "formed")
    conseil = given_distance("p_conseil", "idea")
    if direct + conseil > 1.0:
        raise TableError(
            file="stages.csv",
            field="accueil: p_ingenierie_direct and p_conseil",
            found=direct + conseil,
            expected=f"shares that leave people without a project at most 1 ({profile.name})",
        )
    if profile.depth and profile.autonomy not in figures.scenario.service.conseil_for:
        return [
            _file(figures, profile, direct),
            Branch(conseil, "not_taken"),
            Branch(1.0 - direct - conseil, "satisfied"),
        ]
    if figures.is_excluded(profile, "conseil"):
        return [
            _file(figures, profile, direct),
            Branch(conseil, EXCLUDED),
            Branch(1.0 - direct - conseil, "satisfied"),
        ]
    return [
        _file(figures, profile, direct),
        Branch(conseil, figures.name("conseil"), figures.before_conseil(profile)),
        Branch(1.0 - direct - conseil, "satisfied"),
    ]


def _add_conseil(figures: StageFigures, builder: NetworkBuilder, profile: Profile) -> None:
    """Some drop out after the last interview; the others go on, at once or through works."""
    who, onward = [profile.name], _after_conseil(figures, profile)
    dropout = figures.mode("conseil", "dropout", profile)
    going_on = through_works(figures, profile, CONSEIL_WORKS, onward)
    branches = [Branch(dropout, "dropped_out"), *(scaled(branch, 1.0 - dropout) for branch in going_on)]
    builder.route(figures.name("conseil"), branches, profiles=who)
    for rank, work in enumerate(CONSEIL_WORKS):
        if work == TRIAL:
            onward = [_later(figures, branch, trial_seconds(figures, profile)) for branch in onward]
        following = through_works(figures, profile, CONSEIL_WORKS[rank + 1 :], onward)
        builder.route(figures.name(work), following, profiles=who)


def _after_conseil(figures: StageFigures, profile: Profile) -> list[Branch]:
    """People write their project, or had it in the last interview."""
    if figures.mode("formalisation", "interviews", profile) == 0:
        return _after_project(figures, profile)
    if figures.is_excluded(profile, "formalisation"):
        return [Branch(1.0, EXCLUDED)]
    gap = figures.elapsed(figures.calendar("delay_before_formalisation.all"))
    return [Branch(1.0, figures.name("formalisation"), gap)]


def _later(figures: StageFigures, branch: Branch, seconds: float) -> Branch:
    """The same way on, so much later."""
    gap = branch.gap.mean_s if isinstance(branch.gap, Law) else branch.gap or 0.0
    return replace(branch, gap=figures.elapsed_mean(gap + seconds))


def _after_project(figures: StageFigures, profile: Profile) -> list[Branch]:
    share = figures.mode("formalisation", "p_ingenierie", profile)
    return [_file(figures, profile, share), Branch(1.0 - share, "completed")]


def _file(figures: StageFigures, profile: Profile, share: float) -> Branch:
    """Where a file begins: with an adviser, or at once outside."""
    if figures.file_seconds(profile) > 0:
        return Branch(share, figures.name("ingenierie"))
    return _outside(figures, profile, share)


def _outside(figures: StageFigures, profile: Profile, share: float) -> Branch:
    """What is gathered outside, once a financer apart has taken the file up where there is one."""
    gap = None
    if figures.is_handed_over(profile):
        gap = figures.elapsed(figures.figure("ingenierie", "handover_to_financer", profile))
    return Branch(share, figures.name("dossier"), gap)


def _after_preparation(figures: StageFigures, profile: Profile) -> list[Branch]:
    """To whoever decides: requests for a CIF to a commission, less those that a financer apart sends back."""
    if not figures.asks_commission(profile):
        return [Branch(1.0, figures.name("decision"))]
    *sent_back, kept = _after_decision(figures, profile)
    return [*sent_back, Branch(kept.share, figures.name(FINANCER_OF_CIF))]


def _after_decision(figures: StageFigures, profile: Profile) -> list[Branch]:
    """Every other file is accepted, but for those that a financer apart sends back."""
    if not figures.is_handed_over(profile):
        return [Branch(1.0, "completed")]
    refused = figures.mode("ingenierie", "p_refused_after_handover", profile)
    return [Branch(refused, "sent_back"), Branch(1.0 - refused, "completed")]
