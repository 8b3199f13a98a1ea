"""Evenings and Saturday mornings as a shift of advisers, beside their days.

[[staff.shifts]]
operators = ["opacif", "apec"]
evenings = ["tuesday", "thursday"]
saturdays = true
posts = "moved"
share = 0.2
reason = "Hypothesis: a fifth of the hours"
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from cepsim.scenario.fields import Broken, Part, ShortText, SomeOperators, Words, broken, without_repeats
from cepsim.scenario.vocabulary import Evening, Operator, PostsOfAShift


class Shift(Part):
    """Hours of some operators' advisers outside those of the day: see `Staff.shifts`."""

    operators: SomeOperators = Field(title="Operators")
    """The operators whose advisers have this shift, in every region; each has one at most."""
    evenings: Annotated[
        tuple[Evening, ...],
        Field(strict=False, json_schema_extra={"uniqueItems": True}),
        AfterValidator(without_repeats),
    ] = Field(default=(), title="Evenings")
    """Days with an evening, from opening_evening_start to opening_evening_end."""
    saturdays: bool = Field(default=False, title="Saturday mornings")
    """Saturday mornings, from opening_saturday_start to opening_saturday_end."""
    posts: PostsOfAShift = Field(title="Posts")
    """Whose hours they are: "moved" from the day, the posts being the same, or of posts "added" to them (new
    money, paid by the operator)."""
    share: float = Field(title="Share of the posts", gt=0, lt=1)
    """How much of the operator's advisers' posts, day by day: 0.2 moves a fifth of their hours, or adds a
    fifth of the posts."""
    reserved: bool = Field(default=False, title="Reserved")
    """Those who can come at no other time are received alone then. Else whoever has waited longest is."""
    reason: ShortText = Field(title="Reason")
    """Why these hours and this share: shown wherever the posts are."""

    @model_validator(mode="after")
    def _opens_some_hours(self) -> Self:
        if not self.evenings and not self.saturdays:
            expected = "at least one evening, since saturdays is false"
            remedy = "Name an evening, or open Saturday mornings."
            raise broken(Broken(("evenings",), Words("an empty list"), expected, remedy))
        return self


Shifts = Annotated[tuple[Shift, ...], Field(strict=False)]


def shift_of(shifts: Sequence[Shift], operator: Operator | str) -> Shift | None:
    """The shift of an operator; None where it has none."""
    return next((shift for shift in shifts if operator in shift.operators), None)


def shifts_that_clash(shifts: Sequence[Shift]) -> Iterator[Broken]:
    """Operators with two shifts."""
    for i, shift in enumerate(shifts):
        again = [one for one in shift.operators if shift_of(shifts[:i], one)]
        if again:
            expected = "operators that no other shift has"
            remedy = "Name every evening of an operator in one shift."
            yield Broken(("staff", "shifts", i, "operators"), ", ".join(again), expected, remedy)
