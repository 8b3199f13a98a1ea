"""Checks that need several rows of one table: groups that must add up, and what must not be added."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cepsim.errors import TableError, nearest
from cepsim.tables.figure import Figure
from cepsim.tables.schema import MIXES, Mix

#: A sum may miss its total by this part of it: tables are rounded to four digits.
TOLERANCE = 1e-4


def group_problems(figures: Iterable[Figure]) -> list[TableError]:
    """Every group of figures that does not add up as its table says."""
    held = list(figures)
    return [problem for group in _groups(held) for problem in group.problems()] + _unknown_controls(held)


def group_sums(figures: Iterable[Figure]) -> list[tuple[str, int, float, float, bool]]:
    """Each group that must add up, as (name, rows, total, expected, whether it does)."""
    return [(g.name, len(g.rows), g.total, g.expected, not g.problems()) for g in _groups(list(figures))]


def mix_groups(mix: Mix, figures: Iterable[Figure]) -> Mapping[tuple[str, ...], Sequence[Figure]]:
    """The input rows of a mix, by group."""
    groups: dict[tuple[str, ...], list[Figure]] = defaultdict(list)
    for figure in figures:
        if figure.table == mix.table and figure.addressable and figure.key(mix.column).startswith(mix.prefix):
            groups[tuple(figure.key(column) for column in mix.by)].append(figure)
    return groups


@dataclass(frozen=True, slots=True)
class _Group:
    """Rows whose modes sum to a total: that of a mix, or the mode of a control row."""

    name: str
    rows: Sequence[Figure]
    expected: float
    control: Figure | None = None

    @property
    def total(self) -> float:
        return math.fsum(figure.mode for figure in self.rows)

    def problems(self) -> list[TableError]:
        """Rows that cannot be added, or else a sum that misses its total."""
        control = self.control
        strangers = []
        if control is not None:
            strangers = [f for f in self.rows if (f.kind, f.unit) != (control.kind, control.unit)]
        if control is not None and strangers:
            return [
                TableError(
                    file=figure.file,
                    field=f"line {figure.line}, column unit",
                    found=f"{figure.kind} in {figure.unit}, added to {self.name}",
                    expected=f"{control.kind} in {control.unit}, as line {control.line}",
                    remedy="A stock and a flow cannot be added: empty sums_to, or convert the unit.",
                )
                for figure in strangers
            ]
        if math.isclose(self.total, self.expected, rel_tol=TOLERANCE if control is None else 1e-12):
            return []
        expected = f"modes that sum to {self.expected:.10g}"
        return [
            TableError(
                file=self.rows[0].file,
                field=f"{_lines(self.rows)}, column mode, sum for {self.name}",
                found=round(self.total, 6),
                expected=expected if control is None else f"{expected}, the control of line {control.line}",
                remedy=f"Share out {self.expected - self.total:+.6g} between these {len(self.rows)} rows.",
            )
        ]


def _groups(figures: Sequence[Figure]) -> list[_Group]:
    groups = [
        _Group(".".join((mix.table, *codes)) + (f" {mix.prefix}*" if mix.prefix else ""), rows, mix.total)
        for mix in MIXES
        for codes, rows in mix_groups(mix, figures).items()
    ]
    parts: dict[str, list[Figure]] = defaultdict(list)
    for figure in figures:
        if figure.table == "publics" and figure.extra("sums_to"):
            parts[figure.extra("sums_to")].append(figure)
    controls = _controls(figures)
    groups += [
        _Group(f"publics {name}", rows, controls[name].mode, controls[name])
        for name, rows in parts.items()
        if name in controls
    ]
    return groups


def _controls(figures: Iterable[Figure]) -> dict[str, Figure]:
    """The control rows of stocks, by public: what the column `sums_to` may name."""
    publics = (figure for figure in figures if figure.table == "publics")
    return {f.key("public"): f for f in publics if f.key("item") == "sum_of_stocks"}


def _unknown_controls(figures: Sequence[Figure]) -> list[TableError]:
    controls = _controls(figures)
    return [
        TableError(
            file=figure.file,
            field=f"line {figure.line}, column sums_to",
            found=figure.extra("sums_to"),
            expected='the public of a "sum_of_stocks" row',
            remedy=nearest(figure.extra("sums_to"), controls),
        )
        for figure in figures
        if figure.table == "publics" and figure.extra("sums_to") not in ("", *controls)
    ]


def _lines(group: Sequence[Figure]) -> str:
    lines = sorted(figure.line for figure in group)
    if lines == list(range(lines[0], lines[-1] + 1)) and len(lines) > 1:
        return f"lines {lines[0]} to {lines[-1]}"
    return f"line{'s' if len(lines) > 1 else ''} {', '.join(map(str, lines))}"
