"""What the staff of each actor of slide 7 can give: hours at each stage of its role, contacts.

    hours at a stage = staff x hours a year x direct share x weight of the stage / weights of all stages
    contacts         = hours at information x share for adults / minutes of a visit to a desk

The first contacts of an operator are calls too: theirs are over the mean of a call and a visit.

Weights say how much an actor is at a stage; over their sum they are the shares of its role. Where the tables
say how much of a role is for adults (the rest is for pupils, whom nobody simulates), contacts are theirs
alone. Each end of a range takes what the other figures have at that end: all low or all high together.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple, Self

from cepsim.scenario.vocabulary import STAGES
from cepsim.tables import Figure, Tables
from cepsim.tables.actors import weight
from cepsim.units import SECONDS_PER_HOUR

#: Stages at which an actor may have a weight: those of the service, and expertise (bilans).
ROLE_STAGES: Final = (*STAGES, "expert")
_WALK_IN: Final = "stages.information.walkin_duration.all.all.all.all"
_CALL: Final = "stages.information.phone_duration.all.all.all.all"
_REPEATED: Final = "demand.all.contacts.repeat_contact_share"
#: A visit or a call is a contact.
_CONTACTS: Final = ("contacts_per_year", "calls_per_year", "visits_per_year")


class Range(NamedTuple):
    """Low, mode and high of a mean."""

    low: float
    mode: float
    high: float

    @classmethod
    def of(cls, figure: Figure) -> Self:
        """That of a figure, in its own unit."""
        return cls(figure.low, figure.mode, figure.high)

    def times(self, other: Range) -> Range:
        """The product of two that are not negative."""
        return Range(*(one * two for one, two in zip(self, other, strict=True)))

    def over(self, other: Range) -> Range:
        """The ratio of two that are not negative: least over most to most over least."""
        return Range(self.low / other.high, self.mode / other.mode, self.high / other.low)

    def plus(self, other: Range) -> Range:
        """The sum."""
        return Range(*(one + two for one, two in zip(self, other, strict=True)))

    def scaled(self, factor: float) -> Range:
        """So many times as much."""
        return Range(*(factor * value for value in self))


class Found(NamedTuple):
    """A range with its unit, and the ids of the figures that it follows from."""

    range: Range
    unit: str
    figures: tuple[str, ...]


def staff(tables: Tables, actor: str) -> Found | None:
    """Posts (ETP) of an actor that is no full operator; None where the tables know none."""
    id_ = f"actors.{actor}.staff_fte"
    return Found(Range.of(tables.figure(id_)), "etp", (id_,)) if tables.has(id_) else None


def advisers(tables: Tables, operator: str) -> Found:
    """Advisers (ETP) of a full operator, whatever part of them is given to CEP."""
    id_ = f"operators.{operator}.advisers_fte"
    return Found(Range.of(tables.figure(id_)), "etp", (id_,))


def first_line(tables: Tables, operator: str) -> Found:
    """First-line posts (ETP) of a full operator, over its channels."""
    start = f"operators.{operator}.first_line_fte"
    ids = tuple(id_ for id_ in tables.inputs("operators") if id_ == start or id_.startswith(f"{start}_"))
    total = Range(0.0, 0.0, 0.0)
    for id_ in ids:
        total = total.plus(Range.of(tables.figure(id_)))
    return Found(total, "etp", ids)


def role_shares(tables: Tables, actor: str) -> dict[str, float]:
    """Share of each stage in an actor's role, by stage where its weight is not 0."""
    weights = {stage: weight(tables, actor, stage) for stage in ROLE_STAGES}
    total = sum(weights.values())
    return {stage: value / total for stage, value in weights.items() if value > 0.0}


def direct_hours(tables: Tables, posts: Found, whose: str = "dedicated_cep_adviser") -> Found:
    """Hours a year that posts give to people, of their own and at every stage."""
    ids = ("unit_costs.annual_working_hours.legal", f"unit_costs.direct_service_share.{whose}")
    found = posts.range
    for id_ in ids:
        found = found.times(Range.of(tables.figure(id_)))
    return Found(found, "hours_per_year", (*posts.figures, *ids))


def contacts_of(tables: Tables, hours: Found) -> Found:
    """First contacts of the length of a visit to a desk that hours can answer."""
    return Found(
        hours.range.over(_hours_of(tables, _WALK_IN)), "contacts_per_year", (*hours.figures, _WALK_IN)
    )


def contacts_of_operator(tables: Tables, operator: str, hours: Found) -> Found:
    """First contacts that hours of an operator's first line can answer, calls and visits as today."""
    ids = [f"stages.information.share_phone.all.{whose}.all.all" for whose in (operator, "all")]
    share = next(id_ for id_ in ids if tables.has(id_))
    calls = tables.figure(share).mode
    call, visit = (_hours_of(tables, id_) for id_ in (_CALL, _WALK_IN))
    each = call.scaled(calls).plus(visit.scaled(1.0 - calls))
    return Found(hours.range.over(each), "contacts_per_year", (*hours.figures, share, _CALL, _WALK_IN))


def _hours_of(tables: Tables, id_: str) -> Range:
    """A duration of the tables, in hours."""
    duration = tables.figure(id_)
    return Range.of(duration).scaled(duration.mode_in_base / duration.mode / SECONDS_PER_HOUR)


def contacts_able(tables: Tables, actor: str) -> Found | None:
    """First contacts a year that the staff of an actor could answer in its hours of information.

    None for who does not inform or has no staff in the tables. Those of adults alone where they say so.
    """
    posts, part = staff(tables, actor), role_shares(tables, actor).get("information")
    if posts is None or part is None:
        return None
    hours = direct_hours(tables, posts)
    found, ids = hours.range.scaled(part), hours.figures
    adults = f"actors.{actor}.share_adult_public"
    if tables.has(adults):
        found, ids = found.times(Range.of(tables.figure(adults))), (*ids, adults)
    return contacts_of(tables, Found(found, hours.unit, (*ids, f"actors.{actor}.weight_information")))


def answered(tables: Tables, actor: str) -> Found | None:
    """Whom an actor answers a year, in the unit of the tables; None where they do not say."""
    id_ = f"actors.{actor}.persons_per_year"
    if not tables.has(id_):
        return None
    figure = tables.figure(id_)
    return Found(Range.of(figure), figure.unit, (id_,))


def answered_contacts(tables: Tables, actor: str) -> Found | None:
    """The same as contacts of first information, where a figure says how many; None elsewhere.

    A visit or a call is one contact. Persons make 1 / (1 - share of repeats) of them, where to inform is a
    whole part of the role: who is only followed asks nothing anew. Interviews are the share of contacts that
    goes on to one.
    """
    found = answered(tables, actor)
    if found is None or weight(tables, actor, "information") == 0.0:
        return None
    if found.unit in _CONTACTS:
        return found._replace(unit="contacts_per_year")
    if found.unit == "persons_per_year" and weight(tables, actor, "information") == 1.0:
        share = Range.of(tables.figure(_REPEATED))
        each = Range(*(1.0 / (1.0 - value) for value in share))
        return Found(found.range.times(each), "contacts_per_year", (*found.figures, _REPEATED))
    for id_ in _going_on(tables, actor) if found.unit == "interviews_per_year" else ():
        share = Range.of(tables.figure(id_))
        return Found(found.range.over(share), "contacts_per_year", (*found.figures, id_))
    return None


def places(tables: Tables, actor: str) -> Found | None:
    """Places where an actor receives, as known in November 2013; None where nobody counted them."""
    start = f"actors.{actor}.structures"
    for id_ in (start, f"{start}@check"):
        if tables.has(id_):
            return Found(Range.of(tables.figure(id_)), "places", (id_,))
    return None


def _going_on(tables: Tables, actor: str) -> Iterator[str]:
    """The share of an actor's contacts that goes on to an interview, where there is one."""
    return (id_ for id_ in tables.inputs("actors") if id_.startswith(f"actors.{actor}.p_continue"))
