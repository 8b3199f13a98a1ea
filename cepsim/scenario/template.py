"""The file from which someone begins a scenario: every field, with its description and its present value."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import tomli_w

from cepsim.labels import DEFAULT_LANGUAGE, Language
from cepsim.labels.messages import translated
from cepsim.scenario.fields import Part
from cepsim.scenario.figures import shipped_tables
from cepsim.scenario.load import IDENTITY, load_scenario
from cepsim.scenario.messages import part_in
from cepsim.scenario.schema import Scenario
from cepsim.tables import Tables

_EXAMPLE = "demand.all.cep.induced_demand_at_full_awareness"

_HEAD = """\
name = "{name}"
title = {{ fr = "À écrire", en = "To be written" }}
debate = {{ fr = "À écrire", en = "To be written" }}
extends = "{extends}"

"""
_ADVICE = (
    "Every line below is a comment: as it stands, this scenario is its parent under another name.\n"
    'Keep what differs (remove "# " before it), delete the rest. A list is replaced whole.'
)
_EACH_HAS = "Each [[{}]] has:"
_IN_UNIT = "The unit is the table's, here {}."
_REASON = "Why these numbers (or source, where they were read)"


def new_scenario(
    name: str,
    extends: str = "reference",
    folder: Path | None = None,
    *,
    tables: Tables | None = None,
    language: Language = DEFAULT_LANGUAGE,
) -> str:
    """A file to begin from: valid as it is, and changing nothing of the scenario that it extends.

    Each field is there as a comment, with its description in a language and the value it has in `extends`.
    Raises ScenarioError if `extends` is unknown, or if `name` cannot be that of a scenario.
    """
    parent = load_scenario(extends, folder, tables=tables)
    parent.derive({}, name=name, tables=tables)
    told = partial(_told, language)
    lines = [
        line
        for key, field in Scenario.model_fields.items()
        if key not in IDENTITY and key != "figures"
        for line in _field_lines(
            told, key, field.description or "", part_in(field.annotation), getattr(parent, key)
        )
    ]
    figure = (tables or shipped_tables()).with_overrides(parent.figures).figure(_EXAMPLE)
    lines += [
        "",
        *_prose(
            f"{told(Scenario.model_fields['figures'].description or '')} {told(_IN_UNIT).format(figure.unit)}"
        ),
        f'# [figures."{_EXAMPLE}"]',
        *(f"# {key} = {getattr(figure, key):g}" for key in ("low", "mode", "high")),
        f'# reason = "{told(_REASON)}"',
    ]
    head = _HEAD.format(name=name, extends=parent.name)
    return head + "\n".join([*_prose(told(_ADVICE)), *lines]) + "\n"


def _told(language: Language, text: str) -> str:
    if language == "en":
        return text
    told = translated("description", text)
    # the catalogue holds some texts on one line, as messages show them
    return told if told != text else translated("description", " ".join(text.split()))


def _field_lines(
    told: Callable[[str], str], key: str, description: str, part: type[Part] | None, value: Any
) -> Iterator[str]:
    """The lines of a field: a value, a table of fields, or a list of tables."""
    if part is None:
        yield from _prose(told(description))
        yield from _toml({key.rpartition(".")[2]: value})
    elif isinstance(value, Part):
        yield from ("", *_prose(told(description)), f"# [{key}]")
        for name, field in part.model_fields.items():
            yield from _field_lines(
                told,
                f"{key}.{name}",
                field.description or "",
                part_in(field.annotation),
                getattr(value, name),
            )
    else:
        yield from ("", *_prose(f"{told(description)} {told(_EACH_HAS).format(key)}"))
        for name, field in part.model_fields.items():
            yield from _prose(f"- {name}: {told(field.description or '')}")
        for item in value:
            yield from (f"# [[{key}]]", *_toml(item.model_dump(exclude_none=True)))
        if not value:
            yield f"# [[{key}]]"


def _prose(text: str) -> list[str]:
    return [f"## {line}" for line in text.splitlines()]


def _toml(content: dict[str, Any]) -> list[str]:
    return [f"# {line}" if line else "" for line in tomli_w.dumps(content).splitlines()]
