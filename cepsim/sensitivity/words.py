"""What a figure is, in words of the field, from the parts of its id (their order is that of the tables)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cepsim.labels import Language, all_labels, label

#: Where the parts of an id that say of whom, of what or where have their words.
_PARTS: Final = ("hypothesis.of", "population", "public", "operator", "project", "payer")
_INTENSITY: Final = "intensity"
#: Parts that say nothing to a reader.
_SILENT: Final = ("all", "flow")


def words(id_: str, language: Language = "fr") -> str:
    """The words of a figure, or its id where there are none: "nombre de conseillers (APEC)"."""
    texts = all_labels(language)
    table, *parts = id_.split(".")
    key, rest = _key(table, parts)
    if f"hypothesis.{key}" not in texts:
        return id_
    which = [told for told in (_part(part, texts, language) for part in rest) if told]
    what = texts[f"hypothesis.{key}"]
    return label("hypothesis.with", language, what=what, which=", ".join(which)) if which else what


def named(id_: str, language: Language = "fr") -> str:
    """The words of a figure and its id, by which it is found in the tables."""
    told = words(id_, language)
    return told if told == id_ else label("hypothesis.named", language, words=told, id=id_)


def _key(table: str, parts: list[str]) -> tuple[str, list[str]]:
    """Under what the words of a figure are, and the parts that say the rest."""
    if table == "stages":
        return ".".join((table, *parts[:2])), parts[2:]
    if table in ("unit_costs", "calendar"):
        return f"{table}.{parts[0]}", parts[1:]
    if table in ("market_shares", "payers"):
        # the rank of a rule, the name of a cost
        return f"{table}.any", [part for part in parts if not part.isdigit() and not part.endswith("_cost")]
    return f"{table}.{parts[-1]}", parts[:-1]


def _part(part: str, texts: Mapping[str, str], language: Language) -> str:
    if part in _SILENT:
        return ""
    if f"{_INTENSITY}.{part}" in texts:
        return label("hypothesis.intensity", language, intensity=texts[f"{_INTENSITY}.{part}"])
    found = next((texts[f"{place}.{part}"] for place in _PARTS if f"{place}.{part}" in texts), None)
    if found:
        # who is behind an operator is told elsewhere: "OPACIF (Fongecif, OPCA)"
        return found.partition(" (")[0]
    # hours of a day are told as they are, other codes not at all
    return part if part[:1].isdigit() else ""
