"""The tables in memory: every figure by its id, every table as a frame, and the look-ups of the guide."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pandas as pd

from cepsim.errors import SumError, TableError, nearest, nearest_ids
from cepsim.resources import tables_folder
from cepsim.tables.checks import group_problems
from cepsim.tables.figure import Figure, Override
from cepsim.tables.names import Region, read_names, region_of, region_problems
from cepsim.tables.read import read_bytes, read_figures
from cepsim.tables.schema import ACTOR_NAMES, REGION_NAMES, TABLES

#: The four private publics: a row of `salaries_prives` holds for each of them that has no row of its own.
PRIVATE_PUBLICS: Final = ("salaries_cdi", "salaries_cdd", "interimaires", "alternants_jeunes_contrats")
#: The publics of the population `salaries`: independants and agents_publics until they have rows.
_EMPLOYED_PUBLICS: Final = (*PRIVATE_PUBLICS, "independants", "agents_publics")


@dataclass(frozen=True, slots=True)
class Tables:
    """All tables of one folder, checked. Frozen: an override makes another one.

    Attributes:
        figures: every figure by id, in the order of the files.
        names: the rows of the tables that name codes and hold no figure, by table.
        regions: the 26 regions, in the order of the file.
        digest: SHA-256 of the files' canonical bytes, as hexadecimal; overrides do not change it.
    """

    figures: Mapping[str, Figure]
    names: Mapping[str, tuple[Mapping[str, str], ...]]
    regions: tuple[Region, ...]
    digest: str

    @property
    def region_names(self) -> dict[str, str]:
        """The name of each region, by code, in the order of the file."""
        return {region.code: region.name for region in self.regions}

    def has(self, id_: str) -> bool:
        """Whether a figure has this id."""
        return id_ in self.figures

    def ids(self, table: str | None = None) -> tuple[str, ...]:
        """The ids of all figures, or of one table's, in the order of the files."""
        return tuple(id_ for id_, figure in self.figures.items() if table in (None, figure.table))

    def inputs(self, table: str) -> tuple[str, ...]:
        """The ids of a table's figures that may feed a scenario, in the order of its file."""
        return tuple(id_ for id_ in self.ids(table) if self.figures[id_].addressable)

    def figure(self, id_: str) -> Figure:
        """The figure with this id. Raises TableError, which names the nearest id, if there is none."""
        found = self.figures.get(id_)
        if found is None:
            table = id_.split(".")[0]
            # no file is named where no table has this name: it does not exist
            raise self._unknown(id_, file=f"{table}.csv" if table in TABLES else "figures", field="id")
        return found

    def frame(self, name: str) -> pd.DataFrame:
        """A table as a new frame: column `id`, those of the file, `file`, `line` and `overridden`.

        The tables of names hold the columns of their file, as text. Raises TableError if no table has this
        name.
        """
        if name in self.names:
            return pd.DataFrame([dict(row) for row in self.names[name]])
        if name not in TABLES:
            known = [*TABLES, *self.names]
            raise TableError(
                file=f"{name}.csv", found=name, expected="a table of the model", remedy=nearest(name, known)
            )
        schema = TABLES[name]
        plain = [f.name for f in fields(Figure) if f.name not in ("id", "table", "keys", "extras")]
        figures = [figure for figure in self.figures.values() if figure.table == name]
        columns: dict[str, list[object]] = {"id": [figure.id for figure in figures]}
        for position, column in enumerate(schema.keys):
            columns[column] = [figure.keys[position] for figure in figures]
        for column in schema.extras:
            columns[column] = [figure.extra(column) for figure in figures]
        for column in plain:
            columns.setdefault(column, [getattr(figure, column) for figure in figures])
        return pd.DataFrame(columns)

    def stage(
        self,
        stage: str,
        parameter: str,
        *,
        population: str,
        operator: str,
        intensity: str,
        project: str = "all",
    ) -> Figure | None:
        """The most specific row of `stages`, or None if no row applies.

        (population, intensity) wins over (population, all), then (all, intensity), then (all, all); among
        equals the row that names the project, then the one that names the operator. A public in work falls
        back on the population `salaries`.
        """
        populations = (population, "salaries") if population in _EMPLOYED_PUBLICS else (population,)
        for who in (*populations, "all"):
            for depth in (intensity, "all"):
                for what in (project, "all"):
                    for by in (operator, "all"):
                        found = self.figures.get(
                            f"stages.{stage}.{parameter}.{who}.{by}.{depth}.{what}",
                        )
                        if found is not None:
                            return found
        return None

    def demand(self, public: str, basis: str, parameter: str) -> Figure | None:
        """The row of `demand` for a public, else for `salaries_prives` if it is one of them; else None."""
        publics = (public, "salaries_prives") if public in PRIVATE_PUBLICS else (public,)
        for who in publics:
            found = self.figures.get(f"demand.{who}.{basis}.{parameter}")
            if found is not None:
                return found
        return None

    def with_overrides(self, overrides: Mapping[str, Override], *, file: str = "overrides") -> Tables:
        """The tables with other ranges for some figures; `file` is named in messages.

        Raises TableError, all problems together, if an id is unknown or may not feed a scenario, if a range
        is out of order or outside its unit's, or if shares that must sum to a total no longer do.
        """
        figures = dict(self.figures)
        problems: list[TableError] = []
        for id_, override in overrides.items():
            try:
                figures[id_] = self._addressable(id_, file).replaced(override, file=file)
            except TableError as error:
                problems.append(error)
        problems += [_named(problem, file) for problem in group_problems(figures.values())]
        if problems:
            raise TableError.together(problems)
        return replace(self, figures=MappingProxyType(figures))

    def __reduce__(self) -> tuple[Callable[..., Tables], tuple[object, ...]]:
        """Tables travel to the processes that run replications: read-only views are rebuilt there."""
        names = {name: [dict(row) for row in rows] for name, rows in self.names.items()}
        return _rebuilt, (dict(self.figures), names, self.regions, self.digest)

    def _addressable(self, id_: str, file: str) -> Figure:
        found = self.figures.get(id_)
        if found is None:
            raise self._unknown(id_, file=file, field=f"figures.{id_}")
        if not found.addressable:
            raise TableError(
                file=file,
                field=f"figures.{id_}",
                found=f"{found.vintage}, {found.use}",
                expected="a figure that could be known in November 2013 and is an input",
                remedy="A check is compared with results, never fed to a scenario.",
            )
        return found

    def _unknown(self, id_: str, *, file: str, field: str) -> TableError:
        table = id_.split(".")[0]
        ids = self.ids(table if table in TABLES else None)
        return TableError(
            file=file,
            field=field,
            found=id_,
            expected="the id of a figure",
            remedy=nearest_ids(id_, ids),
        )


def _rebuilt(
    figures: dict[str, Figure],
    names: dict[str, list[dict[str, str]]],
    regions: tuple[Region, ...],
    digest: str,
) -> Tables:
    """The tables from plain dictionaries, read-only again."""
    rows = {name: tuple(MappingProxyType(row) for row in kept) for name, kept in names.items()}
    return Tables(MappingProxyType(figures), MappingProxyType(rows), regions, digest)


def load_tables(folder: Path | None = None) -> Tables:
    """Reads and checks all tables of a folder, by default those shipped with cepsim.

    Raises one TableError holding every problem found in every file; a SumError where all is well written
    and something does not add up.
    """
    folder = tables_folder() if folder is None else folder
    digest = hashlib.sha256()
    problems: list[TableError] = []
    figures: dict[str, Figure] = {}
    names: dict[str, tuple[Mapping[str, str], ...]] = {}
    for name in sorted((*TABLES, REGION_NAMES.name, ACTOR_NAMES.name)):
        try:
            raw = read_bytes(folder / f"{name}.csv")
            digest.update(f"{name}\n{len(raw)}\n".encode() + raw)
            if name in TABLES:
                figures |= {figure.id: figure for figure in read_figures(raw, TABLES[name])}
            else:
                names[name] = read_names(raw, REGION_NAMES if name == REGION_NAMES.name else ACTOR_NAMES)
        except TableError as error:
            problems.append(error)
    if not problems:
        problems += region_problems(names[REGION_NAMES.name], figures)
    if not problems:
        sums = group_problems(figures.values())
        if sums:
            raise SumError.together(sums)
    if problems:
        raise TableError.together(problems)
    return Tables(
        figures=MappingProxyType(figures),
        names=MappingProxyType(names),
        regions=tuple(region_of(row) for row in names[REGION_NAMES.name]),
        digest=digest.hexdigest(),
    )


def _named(problem: TableError, file: str) -> TableError:
    """The same problem, caused by another file."""
    return TableError(
        file=file,
        field=f"{problem.file}, {problem.field}",
        found=problem.found,
        expected=problem.expected,
        remedy=problem.remedy,
    )
