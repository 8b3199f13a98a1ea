"""The actors of slide 7 as tables: role and staff, hours, contacts, cost; and by region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from cepsim.costing.actors import FRANCE
from cepsim.labels import Language, label, labels_under
from cepsim.people.actors import ROLE_STAGES
from cepsim.report.cells import Write, millions, number, share
from cepsim.report.table import Table
from cepsim.tables import Tables
from cepsim.tables.actors import FULL_OPERATOR, actor_rows

_NOTHING = "–"
_THOUSAND = 1000


class ActorTeller:
    """Tells the frame of `costing.actors`, of a region or of France, in a language."""

    def __init__(
        self, frame: pd.DataFrame, tables: Tables, language: Language, *, region: str = FRANCE
    ) -> None:
        self.language, self.tables = language, tables
        here = frame[frame["region"] == region]
        self.known = {
            (str(actor), str(quantity), str(item)): (float(low), float(mode), float(high), str(unit))
            for actor, quantity, item, low, mode, high, unit in here[
                ["actor", "quantity", "item", "low", "mode", "high", "unit"]
            ].itertuples(index=False, name=None)
        }
        self.figures = {
            (str(actor), str(quantity)): str(ids)
            for actor, quantity, ids in here[["actor", "quantity", "figures"]].itertuples(
                index=False, name=None
            )
        }

    def said(self, key: str, **values: object) -> str:
        """A text of these tables."""
        return label(f"actors.{key}", self.language, **values)

    def name(self, row: Mapping[str, str]) -> str:
        """The name of an actor."""
        return row["name"]

    def role(self, row: Mapping[str, str]) -> str:
        """What it does beside the operators, or that it is one of them."""
        return self.said(f"role.{row['role']}")

    def public(self, row: Mapping[str, str]) -> str:
        """Whom it is for; as the table writes it where no label says it."""
        return labels_under("actors.public", self.language).get(row["actor"], row["public"])

    def value(self, actor: str, quantity: str, item: str = "", *, write: Write | None = None) -> str:
        """A range as text, such as "250 [150 ; 400]"; a dash for what the tables do not know."""
        found = self.known.get((actor, quantity, item))
        if found is None:
            return _NOTHING
        told = [(write or number(self.language))(value) for value in found[:3]]
        low, mode, high = told
        if low == mode == high:
            return mode
        return f"{mode} {label('answers.interval', self.language, low=low, high=high)}"

    def unit(self, actor: str, quantity: str) -> str:
        """The unit of a quantity, in words; empty where the tables do not know it."""
        found = self.known.get((actor, quantity, ""))
        return "" if found is None else label(f"unit.{found[3]}", self.language)

    def payers(self, actor: str) -> str:
        """Who pays an actor, and which part of it."""
        start = f"payers.{actor}.operating_cost."
        told = []
        for id_ in self.tables.inputs("payers"):
            if id_.startswith(start):
                figure = self.tables.figure(id_)
                part = share(self.language)(figure.mode)
                payer = label("payer." + figure.key("payer"), self.language)
                told.append(f"{payer} {part}")
        return ", ".join(told) or _NOTHING


def actor_tables(
    frame: pd.DataFrame, tables: Tables, language: Language = "fr", names: Mapping[str, str] | None = None
) -> list[Table]:
    """What every actor is, can give, answers and costs in France, then in the regions named.

    `names` are those of the regions, by code.
    """
    of, rows = ActorTeller(frame, tables, language), actor_rows(tables)
    found = [_roles(of, rows), _hours(of, rows), _contacts(of, rows), _costs(of, rows)]
    if names:
        found.append(_by_region(frame, of, rows, names))
    return found


def _table(of: ActorTeller, key: str, columns: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Table:
    names = tuple(of.said(f"column.{name}") for name in columns)
    return Table(f"actors_{key}", of.said(f"{key}.title"), of.said(f"{key}.note"), names, tuple(rows))


def _roles(of: ActorTeller, rows: Sequence[Mapping[str, str]]) -> Table:
    told = []
    for row in rows:
        actor = row["actor"]
        weights = [
            label(f"actors.stage.{stage}", of.language)
            for stage in ROLE_STAGES
            if of.tables.figure(f"actors.{actor}.weight_{stage}").mode > 0.0
        ]
        staff = [of.value(actor, name) for name in ("staff", "first_line")]
        told.append(
            (
                of.name(row),
                actor,
                of.role(row),
                of.public(row),
                of.value(actor, "places"),
                *staff,
                ", ".join(weights),
            )
        )
    return _table(
        of, "roles", ("actor", "code", "role", "public", "places", "staff", "first_line", "stages"), told
    )


def _hours(of: ActorTeller, rows: Sequence[Mapping[str, str]]) -> Table:
    def thousands(value: float) -> str:
        return number(of.language, 1)(value / _THOUSAND)

    told = [
        (of.name(row), *(of.value(row["actor"], "hours", stage, write=thousands) for stage in ROLE_STAGES))
        for row in rows
    ]
    return _table(of, "hours", ("actor", *(f"hours_{stage}" for stage in ROLE_STAGES)), told)


def _contacts(of: ActorTeller, rows: Sequence[Mapping[str, str]]) -> Table:
    told = [
        (
            of.name(row),
            of.value(row["actor"], "answered"),
            of.unit(row["actor"], "answered"),
            of.value(row["actor"], "answered_contacts"),
            of.value(row["actor"], "contacts_able"),
        )
        for row in rows
    ]
    return _table(of, "contacts", ("actor", "answered", "unit", "answered_contacts", "contacts_able"), told)


def _costs(of: ActorTeller, rows: Sequence[Mapping[str, str]]) -> Table:
    told = []
    for row in rows:
        actor = row["actor"]
        character = "part_in_cep" if row["role"] == FULL_OPERATOR else "financed_elsewhere"
        has_cost = (actor, "cost", "") in of.known
        told.append(
            (
                of.name(row),
                of.value(actor, "cost_per_fte"),
                of.figures.get((actor, "cost_per_fte"), _NOTHING),
                of.value(actor, "cost", write=millions(of.language)),
                of.said(character) if has_cost else _NOTHING,
                of.payers(actor),
            )
        )
    return _table(of, "costs", ("actor", "cost_per_fte", "figure", "cost", "character", "payers"), told)


def _by_region(
    frame: pd.DataFrame, of: ActorTeller, rows: Sequence[Mapping[str, str]], names: Mapping[str, str]
) -> Table:
    told = []
    for code, name in names.items():
        here = ActorTeller(frame, of.tables, of.language, region=code)
        for row in rows:
            actor = row["actor"]
            cells = [
                here.value(actor, "staff", write=number(of.language, 1)),
                here.value(actor, "answered_contacts"),
                here.value(actor, "contacts_able"),
                here.value(actor, "cost", write=millions(of.language)),
            ]
            if any(cell != _NOTHING for cell in cells):
                told.append((name, of.name(row), *cells))
    return _table(
        of, "regions", ("region", "actor", "staff", "answered_contacts", "contacts_able", "cost"), told
    )
