"""What the parts of a scenario are made of: a frozen base class, constrained texts and lists, rules."""

import unicodedata
from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    ValidationError,
)
from pydantic.config import JsonDict
from pydantic_core import InitErrorDetails, PydanticCustomError

from cepsim.scenario.vocabulary import Autonomy, BudgetWay, Operator, Public

RULE = "scenario_rule"
"""Type of the errors that the project's own rules raise: their context holds found, expected and remedy."""


@dataclass(frozen=True)
class Words:
    """What was found, said in words: an error message repeats it without quotes."""

    text: str

    def __str__(self) -> str:
        """The words."""
        return self.text


class Broken(NamedTuple):
    """A rule that does not hold: its place (under the part that states it), what was found, the way out."""

    path: tuple[str | int, ...]
    found: object
    expected: str
    remedy: str

    def error(self) -> PydanticCustomError:
        """The same as an error that a validator may raise."""
        return PydanticCustomError(
            RULE, "{expected}", {"found": self.found, "expected": self.expected, "remedy": self.remedy}
        )


def broken(*rules: Broken) -> ValidationError:
    """All of `rules` as one error, each at its own place, for a validator that reads several fields."""
    return ValidationError.from_exception_data(
        "rules", [InitErrorDetails(type=rule.error(), loc=rule.path, input=rule.found) for rule in rules]
    )


class Part(BaseModel):
    """A frozen part of a scenario: unknown keys refused, numbers finite, no conversion of types."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )


def _without_control_characters(text: str) -> str:
    """Texts are shown on terminals and pages: no escape sequence or change of direction may reach them."""
    for character in text:
        if character != "\n" and unicodedata.category(character).startswith("C"):
            found = Words(f"the character {character!a}")
            raise Broken((), found, "text without control characters", "Remove that character.").error()
    return text


def without_repeats(values: tuple[str, ...]) -> tuple[str, ...]:
    """The same values. Raises a broken rule where one is there twice."""
    repeated = [value for i, value in enumerate(values) if value in values[:i]]
    if repeated:
        found = Words(f"{', '.join(repeated)} more than once")
        raise Broken((), found, "each value once", "Remove the repetition.").error()
    return values


def _not_empty(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        raise Broken(
            (), Words("an empty list"), "at least one value", "Name one, or remove the line."
        ).error()
    return values


Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
"""The name of a scenario and of its file."""

FigureId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]+(\.[a-z0-9_-]+)+$", max_length=200)]
"""The id of an input figure: no `@`, since figures so marked are checks and later observations."""

ShortText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2000),
    AfterValidator(_without_control_characters),
]


class Text(Part):
    """A text in both languages."""

    fr: ShortText = Field(title="French")
    """The text in French, shown by default."""
    en: ShortText = Field(title="English")
    """The text in English, shown on request."""


RegionCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")]

_SOME: JsonDict = {"minItems": 1, "uniqueItems": True}

# TOML gives lists; the parts keep tuples. `strict=False` allows that conversion and no other: the items
# keep their own strict types.
Publics = Annotated[
    tuple[Public, ...],
    Field(strict=False, json_schema_extra={"uniqueItems": True}),
    AfterValidator(without_repeats),
]

SomePublics = Annotated[
    tuple[Public, ...],
    Field(strict=False, json_schema_extra=_SOME),
    AfterValidator(_not_empty),
    AfterValidator(without_repeats),
]

SomeOperators = Annotated[
    tuple[Operator, ...],
    Field(strict=False, json_schema_extra=_SOME),
    AfterValidator(_not_empty),
    AfterValidator(without_repeats),
]

SomeAutonomy = Annotated[
    tuple[Autonomy, ...],
    Field(strict=False, json_schema_extra=_SOME),
    AfterValidator(_not_empty),
    AfterValidator(without_repeats),
]


def _several(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(values) < 2:
        found = ", ".join(values) if values else Words("an empty list")
        remedy = "Name the others, or remove the group."
        raise Broken((), found, "at least two operators", remedy).error()
    return values


def _in_one_group(groups: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    listed = [operator for group in groups for operator in group]
    again = [operator for i, operator in enumerate(listed) if operator in listed[:i]]
    if again:
        found = Words(f"{', '.join(dict.fromkeys(again))} more than once")
        remedy = "Leave it in one group, or join the groups."
        raise Broken((), found, "each operator in one group", remedy).error()
    return groups


_Pool = Annotated[
    tuple[Operator, ...],
    Field(strict=False, json_schema_extra={"minItems": 2, "uniqueItems": True}),
    AfterValidator(_several),
]

Pools = Annotated[
    tuple[_Pool, ...],
    Field(strict=False),
    AfterValidator(_in_one_group),
]
"""Groups of operators; each in one at most."""

#: Codes of actors that inform: `scenario.figures` holds them to the tables.
Actors = Annotated[
    tuple[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")], ...],
    Field(strict=False, json_schema_extra={"uniqueItems": True}),
    AfterValidator(without_repeats),
]

SomeWays = Annotated[
    tuple[BudgetWay, ...],
    Field(strict=False, json_schema_extra=_SOME),
    AfterValidator(_not_empty),
    AfterValidator(without_repeats),
]

# The tag is chosen from the type of the value, so that a wrong value gives one error and not one per branch.
Regions = Annotated[
    Annotated[Literal["all"], Tag("all")]
    | Annotated[
        tuple[RegionCode, ...],
        Field(strict=False, json_schema_extra=_SOME),
        AfterValidator(_not_empty),
        AfterValidator(without_repeats),
        Tag("codes"),
    ],
    Discriminator(lambda value: "all" if isinstance(value, str) else "codes"),
]
