"""What was published from 2015 on, and what of a run each row is compared with: the table `cep_realised`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cepsim.errors import TableError
from cepsim.scenario.vocabulary import OPERATORS
from cepsim.tables import Figure, Tables

#: What a run gives that a row may be compared with. The first two are amounts of a year: persons received at
#: a first accueil, requests for one. The last is the operators' part of all persons received.
INDICATORS: Final = ("received", "ask_accueil", "received_share")
#: Those that are amounts: the run's regions have their part of what was published for France.
AMOUNTS: Final = INDICATORS[:2]
_ALL: Final = "all"
_JOINED: Final = "+"
_ANSWERS: Final = ("yes", "no")


@dataclass(frozen=True, slots=True)
class Realised:
    """A row of `cep_realised`.

    Attributes:
        figure: what was published.
        comparable: whether it counts the same thing as the model.
        indicator: of `INDICATORS`; empty where the model has nothing of the kind.
        operators: those of the model that stand for who published it.
        regions: codes of the regions of 2012 that it is about; none for the whole country.
        why: codes of the reasons for which it is not comparable, or of what to keep in mind where it is.
    """

    figure: Figure
    comparable: bool
    indicator: str
    operators: tuple[str, ...]
    regions: tuple[str, ...]
    why: tuple[str, ...]

    @property
    def year(self) -> int | None:
        """The year that it is about; None where it is several."""
        return int(self.figure.year) if self.figure.year.isdigit() else None

    def is_of(self, regions: tuple[str, ...]) -> bool:
        """Whether a run of these regions holds what it is about."""
        return set(self.regions) <= set(regions)


def realised(tables: Tables) -> list[Realised]:
    """Every row of `cep_realised`, in the order of the file.

    Raises TableError, all problems together, where a row names what the model has not.
    """
    figures = [tables.figure(id_) for id_ in tables.ids("cep_realised")]
    known = {region.code for region in tables.regions}
    problems = [problem for figure in figures for problem in _problems(figure, known)]
    if problems:
        raise TableError.together(problems)
    return [_row(figure) for figure in figures]


def _row(figure: Figure) -> Realised:
    regions = _parts(figure, "regions")
    return Realised(
        figure=figure,
        comparable=figure.extra("comparable") == _ANSWERS[0],
        indicator=figure.extra("indicator"),
        operators=_parts(figure, "operators"),
        regions=() if regions == (_ALL,) else regions,
        why=_parts(figure, "why"),
    )


def _parts(figure: Figure, column: str) -> tuple[str, ...]:
    text = figure.extra(column)
    return tuple(text.split(_JOINED)) if text else ()


def _problems(figure: Figure, regions: set[str]) -> Iterator[TableError]:
    def problem(column: str, expected: str) -> TableError:
        found = figure.extra(column)
        field = f"line {figure.line}, column {column}"
        return TableError(file=figure.file, field=field, found=found, expected=expected)

    comparable, indicator = figure.extra("comparable"), figure.extra("indicator")
    if comparable not in _ANSWERS:
        yield problem("comparable", "one of yes, no")
    if indicator not in ("", *INDICATORS) or (comparable == _ANSWERS[0] and not indicator):
        yield problem("indicator", f"one of {', '.join(INDICATORS)}, or nothing where it is not comparable")
    if not set(_parts(figure, "operators")) <= set(OPERATORS) or bool(indicator) != bool(
        figure.extra("operators")
    ):
        yield problem(
            "operators", "operators of the model joined by +, or nothing where there is no indicator"
        )
    if not set(_parts(figure, "regions")) <= {_ALL, *regions} or bool(indicator) != bool(
        figure.extra("regions")
    ):
        yield problem(
            "regions", "codes of regions joined by +, or all, or nothing where there is no indicator"
        )
    if comparable == _ANSWERS[1] and not figure.extra("why"):
        yield problem("why", "why the row is not comparable")
