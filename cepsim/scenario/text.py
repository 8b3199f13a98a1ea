"""Scenarios as text: compared, written back to TOML, in a canonical form, described by a schema."""

import json
from typing import Any

import tomli_w

from cepsim.scenario.load import IDENTITY, settings
from cepsim.scenario.merge import leaves
from cepsim.scenario.schema import Scenario

SCHEMA_FILE = "scenario.schema.json"
"""The published JSON Schema, in the folder of the scenarios."""


def diff(a: Scenario, b: Scenario) -> list[tuple[str, Any, Any]]:
    """What differs between two scenarios: dotted key, value in `a`, value in `b`, in the order of the schema.

    Names and words are left out: they change no result. Lists are compared whole, the override of a
    figure too; None stands for a figure that a scenario leaves to the tables.
    """
    left, right = leaves(settings(a)), leaves(settings(b))
    keys = [*left, *(key for key in right if key not in left)]
    return [(key, left.get(key), right.get(key)) for key in keys if left.get(key) != right.get(key)]


def to_toml(scenario: Scenario) -> str:
    """The whole scenario as a file that stands alone: what it inherited is written, `extends` is not."""
    return tomli_w.dumps(scenario.model_dump(exclude={"extends"}, exclude_none=True))


def canonical(scenario: Scenario) -> str:
    """All that changes a result, as JSON with sorted keys: equal texts give equal results.

    The name, the words and the ancestry are left out, so that renaming a scenario keeps its results.
    """
    content = scenario.model_dump(mode="json", exclude=set(IDENTITY))
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a scenario file, as published beside the scenarios."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | Scenario.model_json_schema()
