"""What a scenario's reader is told when a file is refused: pydantic's errors in the project's own form."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from cepsim.errors import ScenarioError, nearest
from cepsim.scenario.fields import RULE, Part, Words
from cepsim.scenario.merge import FIGURES
from cepsim.scenario.schema import Scenario
from cepsim.tables.actors import TRAINING_BODY

_EXPECTED = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "date_type": "a date without quotes, such as 2015-01-01",
    "mapping_type": "a table",
    "model_type": "a table",
    "string_type": "a text between quotes",
    "string_too_short": "a text that is not empty",
    "tuple_type": "a list between brackets",
}
"""Rules that pydantic words for programmers, in the words of a TOML file."""

_OTHER = "a value that this field accepts"

COUNSEL_APART = "Remove it: who trains does not advise, counsel and training are kept apart (slide 2)."
"""Why a training body has no place anywhere in the service."""

_TRAINING_BODIES = (TRAINING_BODY, "organisme_de_formation", "organismes_de_formation")

_PATTERNS = {
    "name": 'letters a to z, figures and hyphens, such as "premiere-vague"',
    "extends": "the name of a scenario: letters a to z, figures and hyphens",
    "regions": 'a region code of two figures between quotes, such as "53"',
    "informing_actors": 'a code of an actor between quotes, such as "mife"',
    "figure": "the id of an input figure, such as unit_costs.full_cost_per_fte.opacif",
    FIGURES: "the id of an input figure, such as unit_costs.full_cost_per_fte.opacif",
}
"""What a text must look like, by the field that holds it."""


def translate(error: ValidationError, file: str, content: Mapping[str, Any]) -> ScenarioError:
    """All of pydantic's findings about `content` as one error of `file`, a line each."""
    return ScenarioError.together([_problem(details, file, content) for details in error.errors()])


def _problem(details: ErrorDetails, file: str, content: Mapping[str, Any]) -> ScenarioError:
    path = _path(details["loc"], content)
    found, expected, remedy = _explained(details, path)
    return ScenarioError(file=file, field=dotted(path), found=found, expected=expected, remedy=remedy)


def _explained(details: ErrorDetails, path: Sequence[str | int]) -> tuple[object, str, str]:
    """What was found, expected, and the remedy."""
    kind, context = details["type"], details.get("ctx", {})
    found = Words(str(details["input"]).lower()) if isinstance(details["input"], bool) else details["input"]
    keys = [step for step in path if isinstance(step, str)]
    if kind == RULE:
        return context["found"], context["expected"], context["remedy"]
    if kind == "extra_forbidden":
        return Words("an unknown key"), f"a key of {_table(path)}", _nearest_key(path)
    if kind == "missing":
        return Words("nothing"), "a value", f"Add it: {_description(path)}"
    if kind == "literal_error":
        values = re.findall(r"'([^']*)'", context["expected"])
        expected = f"one of {', '.join(values)}" if len(values) > 1 else f'"{values[0]}" or a list of codes'
        is_training = found in _TRAINING_BODIES
        return found, expected, COUNSEL_APART if is_training else nearest(str(found), values)
    if kind == "string_pattern_mismatch":
        place = FIGURES if keys[0] == FIGURES else keys[-1]
        return found, _PATTERNS[place], ""
    return found, _bound(details) or _EXPECTED.get(kind, _OTHER), _description(path)


def _bound(details: ErrorDetails) -> str:
    """The limit that a value passes; empty if it passes none."""
    context = details.get("ctx", {})
    match details["type"]:
        case "greater_than":
            return f"a value greater than {context['gt']}"
        case "greater_than_equal":
            return f"a value greater than or equal to {context['ge']}"
        case "less_than":
            return f"a value less than {context['lt']}"
        case "less_than_equal":
            return f"a value less than or equal to {context['le']}"
        case "string_too_long":
            return f"a text of {context['max_length']} characters at most"
    return ""


def dotted(path: Sequence[str | int]) -> str:
    """The key as messages name it: `service.intensity`, `waves[0].publics` (the first wave)."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def _path(location: Sequence[str | int], content: Mapping[str, Any]) -> list[str | int]:
    """Where in the file: pydantic's location without its own marks (branches of a union, "[key]")."""
    path: list[str | int] = []
    here: Any = content
    for step in location:
        if step == "[key]" or (path[-1:] == ["regions"] and isinstance(step, str)):
            continue
        if isinstance(here, Mapping) and isinstance(step, str):
            here = here.get(step)
        elif isinstance(here, Sequence) and not isinstance(here, str) and isinstance(step, int):
            here = here[step]
        path.append(step)
    return path


def part_in(annotation: Any) -> type[Part] | None:
    """The part that an annotation holds, be it in a tuple or a mapping; None if it holds none."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    return next((part for inner in get_args(annotation) if (part := part_in(inner))), None)


def _holder(path: Sequence[str | int]) -> type[Part] | None:
    """The part whose field the last key of `path` names."""
    keys = [step for step in path if isinstance(step, str)]
    if keys[0] == FIGURES and len(keys) > 1:
        del keys[1]
    part: type[Part] | None = Scenario
    for key in keys[:-1]:
        if part is None or key not in part.model_fields:
            return None
        part = part_in(part.model_fields[key].annotation)
    return part


def _description(path: Sequence[str | int]) -> str:
    holder = _holder(path)
    keys = [step for step in path if isinstance(step, str)]
    field = holder.model_fields.get(keys[-1]) if holder else None
    return described(field.description) if field else ""


def described(description: str | None) -> str:
    """What a field is, on one line."""
    return " ".join((description or "").split())


def _table(path: Sequence[str | int]) -> str:
    return f"[{dotted(path[:-1])}]" if len(path) > 1 else "a scenario"


def _nearest_key(path: Sequence[str | int]) -> str:
    """The key most like the last of `path` in its table; failing that, the table in which it stands."""
    holder = _holder(path)
    key = str(path[-1])
    elsewhere = [name for name in field_keys() if name.split(".")[-1] == key]
    if elsewhere:
        return f"It belongs elsewhere: {', '.join(elsewhere)}."
    return nearest(key, holder.model_fields) if holder else ""


def field_keys(part: type[Part] = Scenario, prefix: str = "") -> Iterator[str]:
    """The dotted keys of all fields that hold a value; those of a list's items are under the list's key."""
    for name, field in part.model_fields.items():
        inner = part_in(field.annotation)
        if inner is None:
            yield f"{prefix}{name}"
        else:
            yield from field_keys(inner, f"{prefix}{name}.")
