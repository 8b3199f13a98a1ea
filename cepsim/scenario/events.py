"""The parts of a scenario that happen on a date: shocks of demand, budgets that change, operators that stop.

[[staff.closures]]
operator = "cap_emploi"
heir = "pole_emploi"
from_date = 2016-01-01
posts = "heir"
regions = ["53", "52"]
reason = "Hypothesis: two regions merge the service"
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Annotated, Self

from pydantic import Field, model_validator

from cepsim.scenario.fields import Broken, Part, Regions, ShortText, SomePublics, SomeWays, Words, broken
from cepsim.scenario.vocabulary import Operator, PostsOfAClosure, Status


class Shock(Part):
    """More people who ask than usual, or fewer, for a time: layoffs, a plant that closes."""

    publics: SomePublics = Field(title="Publics")
    """The publics concerned."""
    regions: Regions = Field(default="all", title="Regions")
    """Codes of the regions concerned (of 2012), or "all"."""
    from_date: dt.date = Field(title="From")
    """First day of the shock, the launch date or later."""
    until: dt.date = Field(title="Until")
    """The day after its last."""
    change: float = Field(title="Change", ge=-1, le=9)
    """What is added to the requests of these publics in these regions, as a share of them: 0.2 is a fifth
    more. Shocks of the same people at the same time multiply."""
    priority: bool = Field(default=False, title="Priority")
    """Those whom the shock brings, and nobody else of its publics, are called before the others, admitted to
    CEP or not: those who ask because of it and would not have asked without it."""
    reason: ShortText = Field(title="Reason")
    """Why this size: a hypothesis, or where it was read."""

    @model_validator(mode="after")
    def _lasts_and_changes_something(self) -> Self:
        rules = []
        if self.until <= self.from_date:
            expected = f"a day after {self.from_date}"
            rules.append(Broken(("until",), self.until, expected, "Let it last a day at least."))
        if self.change == 0:
            rules.append(Broken(("change",), 0, "a share other than 0", "Remove the shock."))
        if self.priority and self.change < 0:
            expected = "false, since the shock brings nobody"
            rules.append(Broken(("priority",), Words("true"), expected, "Leave it out."))
        if rules:
            raise broken(*rules)
        return self


class BudgetChange(Part):
    """The yearly budget of commissions from a date on, beside that of the tables."""

    ways: SomeWays = Field(title="Budgets")
    """The budgets concerned: "cif_cdi" (permanent and agency contracts), "cif_cdd" (fixed-term ones)."""
    from_date: dt.date = Field(title="From")
    """First day of the new budget, the launch date or later. What earlier meetings left is still there."""
    change: float = Field(title="Change", ge=-1, le=9)
    """What is added to what each later meeting may spend, as a share of it: -0.2 is a fifth less. Changes of
    the same budget multiply. The envelope of a mutualised fund does not move."""
    regions: Regions = Field(default="all", title="Regions")
    """Codes of the regions concerned (of 2012), or "all"."""
    reason: ShortText = Field(title="Reason")
    """Why this size: a hypothesis, or where it was read."""
    vintage: Status = Field(default="ex_ante", title="Vintage")
    """"ex_post" if it was known after November 2013: only a scenario whose status is "ex_post" takes it."""

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.change == 0:
            raise broken(Broken(("change",), 0, "a share other than 0", "Remove the change."))
        return self


class Closure(Part):
    """An operator that stops at a date and hands its people and their files over to another.

    Its queues close: who waits there, who is between two interviews and who would have come go to the same
    stage of the heir. Who waits for a meeting goes to the heir's desk where the heir holds none. The
    commissions of the OPACIF, which finance and do not advise, go on.
    """

    operator: Operator = Field(title="Operator")
    """The operator that stops."""
    heir: Operator = Field(title="Heir")
    """The operator that receives its people; it does not stop in these regions."""
    from_date: dt.date = Field(title="From")
    """First day without it, the launch date or later."""
    posts: PostsOfAClosure = Field(title="Posts")
    """What becomes of its posts, advisers and first line: "end", paid no more; or "heir", those who hold them
    work for the heir, at the heir's price, and are neither hired nor learners again (they are trained as who
    joins it). The telephone platform of Pôle emploi loses, or gains, the part of these regions."""
    regions: Regions = Field(default="all", title="Regions")
    """Codes of the regions concerned (of 2012), or "all"."""
    reason: ShortText = Field(title="Reason")
    """Why: a hypothesis, or where it was read."""
    vintage: Status = Field(default="ex_ante", title="Vintage")
    """"ex_post" if it was known after November 2013: only a scenario whose status is "ex_post" takes it."""

    @model_validator(mode="after")
    def _hands_over_to_another(self) -> Self:
        if self.heir == self.operator:
            expected = f"an operator other than {self.operator}"
            raise broken(Broken(("heir",), self.heir, expected, "Name who receives its people."))
        return self


Closures = Annotated[tuple[Closure, ...], Field(strict=False)]
BudgetChanges = Annotated[tuple[BudgetChange, ...], Field(strict=False)]


def includes(regions: Regions, code: str) -> bool:
    """Whether a region is one of these."""
    return regions == "all" or code in regions


def share_a_region(one: Regions, other: Regions) -> bool:
    """Whether some region is in both."""
    return one == "all" or other == "all" or not set(one).isdisjoint(other)


def are_within(inner: Regions, outer: Regions) -> bool:
    """Whether every region of the first is in the second."""
    return outer == "all" or (inner != "all" and set(inner) <= set(outer))


def closures_that_clash(closures: Sequence[Closure]) -> Iterator[Broken]:
    """Operators that stop twice in a region, and heirs that stop there too."""
    for i, closure in enumerate(closures):
        for other in closures:
            if other is closure or not share_a_region(closure.regions, other.regions):
                continue
            if other.operator == closure.heir:
                expected = "an operator that stops in none of these regions"
                remedy = "Name another heir, or other regions."
                yield Broken(("staff", "closures", i, "heir"), closure.heir, expected, remedy)
        if any(
            earlier.operator == closure.operator and share_a_region(closure.regions, earlier.regions)
            for earlier in closures[:i]
        ):
            expected = "an operator that stops once in a region"
            remedy = "Keep one closure of it for each region."
            yield Broken(("staff", "closures", i, "operator"), closure.operator, expected, remedy)
