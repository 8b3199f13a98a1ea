"""From a TOML file to a Scenario: the chain of `extends` is resolved, and everything is checked.

A file is data and nothing else: its size and depth are bounded, and no value of it is ever executed.
Each parent is checked before its child, so that an error names the file that holds the wrong line.
"""

import os
import tomllib
from collections.abc import Mapping
from numbers import Real
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cepsim.errors import ScenarioError, nearest
from cepsim.resources import scenarios_folder
from cepsim.scenario.fields import Words
from cepsim.scenario.figures import check_against_tables
from cepsim.scenario.merge import FIGURES, merged, nested
from cepsim.scenario.messages import dotted, translate
from cepsim.scenario.parts import FigureOverride
from cepsim.scenario.schema import Scenario
from cepsim.tables import Tables

MAX_BYTES = 1_000_000
MAX_DEPTH = 8

IDENTITY = frozenset({"name", "title", "debate", "extends"})
"""What a scenario says of itself: never inherited, and without effect on results."""

_OVERRIDE_KEYS = frozenset(FigureOverride.model_fields)


def load_scenario(
    name_or_path: str | Path, folder: Path | None = None, *, tables: Tables | None = None
) -> Scenario:
    """The scenario called so, or held by the file at a path, checked with all that it extends.

    A text that ends in `.toml` or holds a separator is a path; any other is the name of a scenario of
    `folder` (by default, those shipped with cepsim). What a file extends is looked for beside it and in
    `folder`; a name found in both is refused. Figures and regions are checked against `tables` (by default,
    those shipped).
    Raises ScenarioError, which reports every problem of the file, a line each.
    """
    home = folder or scenarios_folder()
    return _resolved(_file(name_or_path, home), home, tables, children=())


def validate(path: str | Path, folder: Path | None = None) -> Scenario:
    """The scenario of the file at `path`; raises ScenarioError with a line for each problem."""
    return load_scenario(Path(path), folder)


def parsed_scenario(text: str, file: Path, *, tables: Tables | None = None) -> Scenario:
    """The scenario of a text that stands alone, as `to_toml` writes it; `file` is where it was read.

    Raises ScenarioError, which reports every problem, a line each.
    """
    content = _parsed(text.encode("utf-8", errors="surrogatepass"), file)
    if _deeper_than(MAX_DEPTH, content):
        raise _too_deep(file)
    return _checked(content, str(file), tables)


def list_scenarios(folder: Path | None = None) -> tuple[str, ...]:
    """Names of the scenarios of `folder` (by default, those shipped with cepsim), in alphabetical order."""
    return tuple(sorted(path.stem for path in (folder or scenarios_folder()).glob("*.toml")))


def derived(
    base: Scenario,
    overrides: Mapping[str, Any],
    name: str,
    reason: str,
    tables: Tables | None = None,
) -> Scenario:
    """See `Scenario.derive`."""
    content = settings(base)
    for key, value in overrides.items():
        content = merged(content, nested(key, _as_override(key, value, reason)))
    # An override may reword the scenario; what it does not say stays that of the base.
    identity = base.model_dump(include={"title", "debate"}) | {"name": name, "extends": base.name}
    return _checked(identity | content, f"{base.name} with overrides", tables)


def settings(scenario: Scenario) -> dict[str, Any]:
    """All that a child inherits: plain values, by table."""
    return scenario.model_dump(exclude=set(IDENTITY))


def _as_override(key: str, value: Any, reason: str) -> Any:
    """A bare number for a figure is that number, held for sure, for `reason`."""
    if key.startswith(f"{FIGURES}.") and isinstance(value, Real) and not isinstance(value, bool):
        return dict.fromkeys(("low", "mode", "high"), float(value)) | {"reason": reason}
    return value.model_dump() if isinstance(value, FigureOverride) else value


def _file(name_or_path: str | Path, folder: Path) -> Path:
    """The file meant. Raises ScenarioError if there is none."""
    text = str(name_or_path)
    is_path = isinstance(name_or_path, Path) or text.endswith(".toml") or "/" in text or "\\" in text
    path = Path(name_or_path) if is_path else folder / f"{text}.toml"
    if _is_file(path):
        return path
    if is_path:
        raise ScenarioError(file=text, found=Words("no such file"), expected="a scenario, a .toml file")
    raise ScenarioError(
        file=text,
        found=Words("no scenario of this name"),
        expected="the name of a scenario or the path of a .toml file",
        remedy=nearest(text, list_scenarios(folder)),
    )


def _is_file(path: Path) -> bool:
    return os.path.isfile(path)  # noqa: PTH113 - a name that the system refuses is no file


def _resolved(path: Path, folder: Path, tables: Tables | None, children: tuple[Path, ...]) -> Scenario:
    """The scenario of the file at `path`, over the one it extends; `children` are the files that led here."""
    content = _read(path)
    if content.get("name") != path.stem and isinstance(content.get("name"), str):
        raise ScenarioError(
            file=path,
            field="name",
            found=content["name"],
            expected=f'the name of the file, "{path.stem}"',
            remedy="Rename the file or the scenario.",
        )
    parent = _parent(content, path, folder, (*children, path))
    if parent is not None:
        inherited = settings(_resolved(parent, folder, tables, (*children, path)))
        content = merged(inherited, content)
    return _checked(content, path.name, tables)


def _parent(content: Mapping[str, Any], path: Path, folder: Path, chain: tuple[Path, ...]) -> Path | None:
    """The file that `path` extends, None if it stands alone; `chain` is the files that led to it."""
    name = content.get("extends")
    if not isinstance(name, str):
        return None  # absent, or refused by the schema with its own message
    beside = [place / f"{name}.toml" for place in (path.parent, folder)]
    found = [file for file in beside if "/" not in name and "\\" not in name and _is_file(file)]
    parent = found[0] if found else None
    if len({file.resolve() for file in found}) > 1:
        raise ScenarioError(
            file=path,
            field="extends",
            found=Words(f"two scenarios called {name}: the shipped one and the file beside"),
            expected="the name of one scenario",
            remedy=f'Rename the file "{name}.toml" and the scenario in it.',
        )
    if parent is None:
        known = {*list_scenarios(path.parent), *list_scenarios(folder)} - {path.stem}
        raise ScenarioError(
            file=path,
            field="extends",
            found=name,
            expected="the name of a scenario",
            remedy=nearest(name, known),
        )
    if parent.resolve() in {file.resolve() for file in chain}:
        circle = " -> ".join([*(file.stem for file in chain), parent.stem])
        raise ScenarioError(
            file=path,
            field="extends",
            found=Words(circle),
            expected="a chain that ends",
            remedy="Remove one of these lines `extends`.",
        )
    return parent


def _checked(content: Mapping[str, Any], file: str, tables: Tables | None) -> Scenario:
    """The content as a scenario; raises ScenarioError with every problem found."""
    _require_quoted_ids(content, file)
    try:
        scenario = Scenario.model_validate(content)
    except ValidationError as error:
        raise translate(error, file, content) from None
    check_against_tables(scenario, file, tables)
    return scenario


def _require_quoted_ids(content: Mapping[str, Any], file: str) -> None:
    """Without quotes, TOML reads the dots of an id as tables within tables: say so."""
    figures = content.get(FIGURES)
    for key, value in figures.items() if isinstance(figures, Mapping) else ():
        if isinstance(value, Mapping) and value and not _OVERRIDE_KEYS & value.keys() and "." not in key:
            raise ScenarioError(
                file=file,
                field=dotted((FIGURES, key)),
                found=Words("an id without quotes"),
                expected="the whole id between quotes",
                remedy='Write for instance [figures."unit_costs.full_cost_per_fte.opacif"].',
            )


def _read(path: Path) -> dict[str, Any]:
    """The content of a TOML file, bounded in size and depth. Raises ScenarioError."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ScenarioError(
            file=path, found=Words(error.strerror or "an error"), expected="a file to read"
        ) from None
    if len(data) > MAX_BYTES:
        raise ScenarioError(
            file=path, found=Words("a larger file"), expected=f"a scenario of {MAX_BYTES:,} bytes at most"
        )
    content = _parsed(data, path)
    if _deeper_than(MAX_DEPTH, content):
        raise _too_deep(path)
    return content


def _too_deep(path: Path) -> ScenarioError:
    return ScenarioError(
        file=path,
        found=Words("tables too deep"),
        expected=f"at most {MAX_DEPTH} tables within each other",
    )


def _parsed(data: bytes, path: Path) -> dict[str, Any]:
    expected = "TOML, in UTF-8"
    try:
        return tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = 1 + data.count(b"\n", 0, error.start)
        raise ScenarioError(
            file=path,
            field=f"line {line}",
            found=Words("a byte that is not UTF-8"),
            expected=expected,
            remedy="Save the file in UTF-8.",
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(file=path, found=Words(str(error)), expected=expected) from None
    except ValueError:  # Python reads no number of more than 4,300 figures
        found = Words("a number of too many digits")
        raise ScenarioError(file=path, found=found, expected=expected) from None
    except RecursionError:
        raise ScenarioError(file=path, found=Words("brackets too deep"), expected=expected) from None


def _deeper_than(levels: int, content: dict[str, Any]) -> bool:
    """Whether tables and lists are nested more than `levels` deep; no recursion, as depth is the danger."""
    layer: list[Any] = [content]
    for _ in range(levels):
        layer = [
            inner
            for outer in layer
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
    return bool(layer)
