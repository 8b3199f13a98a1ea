"""Checks that need several rows of one table: groups that must add up, and what must not be added."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from cepsim.errors import TableError
from cepsim.tables.figure import Figure
from cepsim.tables.schema import MIXES, Mix

#: A sum may miss its total by this part of it: tables are rounded to four digits.
TOLERANCE = 1e-4


def group_problems(figures: Iterable[Figure]) -> list[TableError]:
    """Every group of figures that does not add up as its table says."""
    by_table: dict[str, list[Figure]] = defaultdict(list)
    for figure in figures:
        by_table[figure.table].append(figure)
    problems = [problem for mix in MIXES for problem in _mix_problems(mix, by_table[mix.table])]
    return problems + _sum_problems(by_table["publics"])


def mix_groups(mix: Mix, figures: Iterable[Figure]) -> Mapping[tuple[str, ...], Sequence[Figure]]:
    """The input rows of a mix, by group."""
    groups: dict[tuple[str, ...], list[Figure]] = defaultdict(list)
    for figure in figures:
        if figure.table == mix.table and figure.addressable and figure.key(mix.column).startswith(mix.prefix):
            groups[tuple(figure.key(column) for column in mix.by)].append(figure)
    return groups


def _mix_problems(mix: Mix, figures: Sequence[Figure]) -> list[TableError]:
    problems = []
    for codes, group in mix_groups(mix, figures).items():
        total = math.fsum(figure.mode for figure in group)
        if math.isclose(total, mix.total, rel_tol=TOLERANCE):
            continue
        name = ".".join((mix.table, *codes)) + (f" {mix.prefix}*" if mix.prefix else "")
        problems.append(
            TableError(
                file=group[0].file,
                field=f"{_lines(group)}, column mode, sum for {name}",
                found=round(total, 6),
                expected=f"modes that sum to {mix.total:g}",
                remedy=f"Share out {mix.total - total:+.6g} between these {len(group)} rows.",
            )
        )
    return problems


def _sum_problems(publics: Sequence[Figure]) -> list[TableError]:
    """What is wrong with the column `sums_to`, which names the public of the control row of a group."""
    controls = {f.key("public"): f for f in publics if f.key("item") == "sum_of_stocks"}
    groups: dict[str, list[Figure]] = defaultdict(list)
    for figure in publics:
        if figure.extra("sums_to"):
            groups[figure.extra("sums_to")].append(figure)
    problems = []
    for name, group in groups.items():
        control = controls.get(name)
        if control is None:
            problems.append(
                TableError(
                    file=group[0].file,
                    field=f"line {group[0].line}, column sums_to",
                    found=name,
                    expected='the public of a "sum_of_stocks" row',
                )
            )
            continue
        strangers = [f for f in group if (f.kind, f.unit) != (control.kind, control.unit)]
        for figure in strangers:
            problems.append(
                TableError(
                    file=figure.file,
                    field=f"line {figure.line}, column unit",
                    found=f"{figure.kind} in {figure.unit}, added to {name}",
                    expected=f"{control.kind} in {control.unit}, as line {control.line}",
                    remedy="A stock and a flow cannot be added: empty sums_to, or convert the unit.",
                )
            )
        total = math.fsum(figure.mode for figure in group)
        if not strangers and not math.isclose(total, control.mode, rel_tol=0, abs_tol=1e-6):
            problems.append(
                TableError(
                    file=control.file,
                    field=f"{_lines(group)}, column mode, sum for {name}",
                    found=round(total, 6),
                    expected=f"{control.mode:.10g} {control.unit}, the control of line {control.line}",
                    remedy=f"Share out {control.mode - total:+.6g} between these {len(group)} rows.",
                )
            )
    return problems


def _lines(group: Sequence[Figure]) -> str:
    lines = sorted(figure.line for figure in group)
    if lines == list(range(lines[0], lines[-1] + 1)) and len(lines) > 1:
        return f"lines {lines[0]} to {lines[-1]}"
    return f"line{'s' if len(lines) > 1 else ''} {', '.join(map(str, lines))}"
