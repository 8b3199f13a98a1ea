"""Dotted keys, and the merge by which a scenario says only how it differs from the one it extends."""

from collections.abc import Mapping
from typing import Any

FIGURES = "figures"


def nested(key: str, value: Any) -> dict[str, Any]:
    """`value` under the tables that the dotted `key` names; what follows `figures.` is one id."""
    head, dot, rest = key.partition(".")
    if not dot:
        return {head: value}
    return {head: {rest: value} if head == FIGURES else nested(rest, value)}


def merged(base: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with `change` over it: tables are merged key by key, lists and values replaced.

    The override of a figure is replaced whole: a new range must not keep the reason of the old one.
    """
    result = dict(base)
    for key, value in change.items():
        below = result.get(key)
        if not isinstance(value, Mapping) or not isinstance(below, Mapping):
            result[key] = value
        elif key == FIGURES:
            result[key] = {**below, **value}
        else:
            result[key] = merged(below, value)
    return result


def leaves(content: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """The values of nested tables by dotted key; a list, or the override of a figure, is one value."""
    result: dict[str, Any] = {}
    for key, value in content.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping) and prefix != f"{FIGURES}.":
            result |= leaves(value, f"{path}.")
        else:
            result[path] = value
    return result
