"""The actors of slide 7 with their capacity and their cost: a table beside the cost of CEP.

What an actor costs is financed elsewhere today, by whom the tables name: of it a ledger has the contacts
that a scenario sends there, and of the five operators the part that they give to CEP.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import pandas as pd

from cepsim.people import actors as of
from cepsim.people.actors import Found, Range
from cepsim.tables import Population, Tables
from cepsim.tables.actors import FULL_OPERATOR, actor_rows

#: What every cost here is: nobody pays it for CEP.
CHARACTER: Final = "deja_finance"
#: Region of what is the whole of France.
FRANCE: Final = "all"
COLUMNS: Final = (
    *("region", "actor", "role", "quantity", "item", "low", "mode", "high", "unit", "character"),
    "figures",
)
#: What is not shared out between regions.
_EVERYWHERE: Final = ("cost_per_fte",)
_AGENT: Final = "unit_costs.full_cost_per_fte.first_line_agent"


def actors(tables: Tables, population: Population, regions: Sequence[str] = ()) -> pd.DataFrame:
    """Every actor of slide 7, in the order of the table, for France, then for each of these regions.

    A row a (region, actor, quantity, item), with `low`, `mode` and `high` in `unit`, and in `figures` the ids
    from which they follow, joined by " + ". Quantities: `places`; `staff` and, of full operators,
    `first_line` (ETP); `hours` of contact a year at the stage `item`; `contacts_able`, first contacts that
    they can answer in the hours of information; `answered`, whom it answers today in the unit of its figure,
    and `answered_contacts` as contacts; `cost_per_fte`, `cost` a year, and `paid` by the payer `item`, of
    `character` `CHARACTER` but for the operators, who give a part to CEP. What the tables do not know has no
    row. Regions have the part of their active population, since nobody counted these actors by region.
    """
    france = [
        (row, quantity, item, found)
        for row in actor_rows(tables)
        for quantity, item, found in _of(tables, row["actor"], row["role"], row["cost"])
    ]
    active = population.stocks.sum(axis=1)
    keys = {FRANCE: 1.0} | {code: float(active[code] / active.sum()) for code in regions}
    rows = []
    for region, key in keys.items():
        for row, quantity, item, found in france:
            shared = found.range.scaled(1.0 if quantity in _EVERYWHERE else key)
            elsewhere = found.unit == "eur_per_year" and row["role"] != FULL_OPERATOR
            character = CHARACTER if elsewhere else ""
            ids = " + ".join(dict.fromkeys(found.figures))
            rows.append(
                (region, row["actor"], row["role"], quantity, item, *shared, found.unit, character, ids)
            )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _of(tables: Tables, actor: str, role: str, cost: str) -> Iterator[tuple[str, str, Found]]:
    """(quantity, item, what was found) of an actor."""
    operator = role == FULL_OPERATOR
    places, posts = of.places(tables, actor), _staff(tables, actor, operator=operator)
    desk = of.first_line(tables, actor) if operator else None
    if places is not None:
        yield "places", "", places
    if posts is not None:
        yield "staff", "", posts
    if desk is not None:
        yield "first_line", "", desk
    if posts is not None:
        yield from _hours(tables, actor, posts, desk)
    if desk is None:
        able = of.contacts_able(tables, actor)
    else:
        able = of.contacts_of_operator(tables, actor, _at_desk(tables, desk))
    for quantity, found in (
        ("contacts_able", able),
        ("answered", of.answered(tables, actor)),
        ("answered_contacts", of.answered_contacts(tables, actor)),
    ):
        if found is not None:
            yield quantity, "", found
    if posts is not None and cost:
        yield from _costs(tables, actor, posts, desk, f"unit_costs.full_cost_per_fte.{cost}")


def _staff(tables: Tables, actor: str, *, operator: bool) -> Found | None:
    return of.advisers(tables, actor) if operator else of.staff(tables, actor)


def _at_desk(tables: Tables, desk: Found) -> Found:
    """Hours of contact of a first line."""
    return of.direct_hours(tables, desk, "first_line_agent")


def _hours(tables: Tables, actor: str, posts: Found, desk: Found | None) -> Iterator[tuple[str, str, Found]]:
    """Hours of contact by stage; an operator informs with its first line, its advisers have the rest."""
    shares = of.role_shares(tables, actor)
    hours = of.direct_hours(tables, posts)
    if desk is not None:
        yield "hours", "information", _at_desk(tables, desk)
        rest = 1.0 - shares.pop("information")
        shares = {stage: share / rest for stage, share in shares.items()}
    for stage, share in shares.items():
        ids = (*hours.figures, f"actors.{actor}.weight_{stage}")
        yield "hours", stage, Found(hours.range.scaled(share), hours.unit, ids)


def _costs(
    tables: Tables, actor: str, posts: Found, desk: Found | None, price: str
) -> Iterator[tuple[str, str, Found]]:
    """The cost of a post, of all of them, and what of it each payer pays where the tables name some."""
    each = tables.figure(price)
    yield "cost_per_fte", "", Found(Range.of(each), each.unit, (price,))
    cost, ids = posts.range.times(Range.of(each)), (*posts.figures, price)
    if desk is not None:
        cost = cost.plus(desk.range.times(Range.of(tables.figure(_AGENT))))
        ids = (*ids, *desk.figures, _AGENT)
    yield "cost", "", Found(cost, "eur_per_year", ids)
    start = f"payers.{actor}.operating_cost."
    for id_ in tables.inputs("payers"):
        if id_.startswith(start):
            share = tables.figure(id_)
            paid = cost.times(Range.of(share))
            yield "paid", share.key("payer"), Found(paid, "eur_per_year", (*ids, id_))


def contact_price(tables: Tables, actor: str) -> Range:
    """What a first contact costs at an actor that informs, in euros; its mode is the price of the ledger.

    Cost of a post / direct hours of a post x length of a visit to a desk.
    """
    one = Found(Range(1.0, 1.0, 1.0), "etp", ())
    contacts = of.contacts_of(tables, of.direct_hours(tables, one)).range
    (item,) = (row["cost"] for row in actor_rows(tables) if row["actor"] == actor)
    return Range.of(tables.figure(f"unit_costs.full_cost_per_fte.{item}")).over(contacts)
