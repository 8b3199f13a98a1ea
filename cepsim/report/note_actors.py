"""What a note says of the actors of slide 7: what they answer and cost, beside the operators' first lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cepsim.costing import index_of
from cepsim.costing.actors import FRANCE, actors, contact_price
from cepsim.costing.prices import INFORMED
from cepsim.labels import label
from cepsim.people.actors import Range
from cepsim.report.actors import ActorTeller
from cepsim.report.cells import euros, millions, number, row_of
from cepsim.report.table import Table
from cepsim.tables import Tables, rake
from cepsim.tables.actors import FULL_OPERATOR, actor_rows

if TYPE_CHECKING:
    from cepsim.report.note import Note

_ALL: Final = "all"
_NOTHING: Final = "–"


def other_actors(note: Note) -> list[Table]:
    """What other actors answer today and would cost in the regions of the run.

    Then, where a scenario sends people to some, what they answer in place of the operators.
    """
    tables = [_beside(note)]
    if any(scenario.service.informing_actors for scenario in note.run.plan.scenarios):
        tables.append(_in_place(note))
    return tables


def _beside(note: Note) -> Table:
    """A row an actor; those of the operators are what their first lines answer in the run, a year."""
    tables = note.tables_of(note.main)
    codes = [region.code for region in note.regions]
    frame = actors(tables, rake(tables), codes)
    here = frame[frame["region"] != FRANCE]
    keys = ["actor", "quantity", "item", "unit", "character"]
    summed = here.groupby(keys, sort=False)[["low", "mode", "high"]].sum().reset_index()
    summed = summed.assign(region=FRANCE, figures="")
    in_euros = summed["unit"].str.startswith("eur")
    summed.loc[in_euros, ["low", "mode", "high"]] *= _index(note, note.main)
    of, rows = ActorTeller(summed, tables, note.language), []
    for row in actor_rows(tables):
        actor = row["actor"]
        if row["role"] == FULL_OPERATOR:
            cells = [_answered(note, name, actor) for name in (note.scenarios[0], note.main)]
            in_run = (note.said("other_actors.first_line", name=row["name"]), of.role(row), "", "")
            rows.append((*in_run, *cells, of.value(actor, "contacts_able"), note.said("other_actors.in_cep")))
            continue
        rows.append(
            (
                row["name"],
                of.role(row),
                of.value(actor, "answered"),
                of.unit(actor, "answered"),
                of.value(actor, "answered_contacts"),
                _NOTHING,
                of.value(actor, "contacts_able"),
                of.value(actor, "cost", write=millions(note.language)),
            )
        )
    columns = [
        *(label(f"actors.column.{name}", note.language) for name in ("actor", "role", "answered", "unit")),
        *(
            note.said("other_actors.contacts", scenario=note.scenario(name))
            for name in (note.scenarios[0], note.main)
        ),
        *(label(f"actors.column.{name}", note.language) for name in ("contacts_able", "cost")),
    ]
    return note.noted("other_actors", columns, rows, main=note.scenario(note.main))


def _answered(note: Note, scenario: str, operator: str) -> str:
    """First contacts that an operator answers a year in the run."""
    return _a_year(note, scenario, "answered", operator)


def _a_year(note: Note, scenario: str, indicator: str, operator: str = _ALL) -> str:
    keys = {"operator": operator, "stage": _ALL, "public": _ALL, "team": _ALL}
    row = row_of(note.of(scenario), indicator=indicator, **keys)
    return number(note.language)(0.0 if row is None else float(row["mean"]) / len(note.years))


def _in_place(note: Note) -> Table:
    """A row a scenario that names actors: who, what they answer in place of the operators, what it costs."""
    rows = []
    for scenario in note.run.plan.scenarios:
        named = scenario.service.informing_actors
        if not named:
            continue
        tables = note.tables_of(scenario.name)
        names = ", ".join(row["name"] for row in actor_rows(tables) if row["actor"] in named)
        keys = {"operator": _ALL, "stage": _ALL, "public": _ALL, "team": _ALL}
        row = row_of(note.of(scenario.name), indicator="informed_elsewhere", **keys)
        yearly = 0.0 if row is None else float(row["mean"]) / len(note.years)
        spent = _spent(note, scenario.name, tables)
        low, mode, high = (euros(note.language)(value) for value in spent)
        cost = f"{mode} {label('answers.interval', note.language, low=low, high=high)}"
        rows.append(
            (
                note.scenario(scenario.name),
                names,
                number(note.language)(yearly),
                _a_year(note, scenario.name, "answered"),
                cost,
                label("actors.financed_elsewhere", note.language),
            )
        )
    names_of = ("scenario", "actors", "elsewhere", "first_line", "cost", "character")
    columns = [note.said(f"informing.{name}") for name in names_of]
    return note.noted("informing", columns, rows)


def _spent(note: Note, scenario: str, tables: Tables) -> Range:
    """Euros a year of the contacts that each actor answers in the ledger, in the range of its price."""
    rows, total = note.run.ledger, Range(0.0, 0.0, 0.0)
    rows = rows[(rows["scenario"] == scenario) & (rows["nature"] == INFORMED)]
    years = note.run.plan.replications * len(note.years)
    for actor, contacts in rows.groupby("operator", observed=True)["quantity"].sum().items():
        total = total.plus(contact_price(tables, str(actor)).scaled(float(contacts) / years))
    return total.scaled(_index(note, scenario))


def _index(note: Note, scenario: str) -> float:
    """How many euros of the run are worth one of the tables."""
    (of,) = (one for one in note.run.plan.scenarios if one.name == scenario)
    return float(index_of(of, note.tables_of(scenario)))
