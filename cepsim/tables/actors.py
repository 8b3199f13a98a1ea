"""The actors of slide 7: their rows, who informs, and who never does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cepsim.tables.store import Tables

#: Training bodies: counsel and training are kept apart (slide 2), so that they have no part in CEP.
TRAINING_BODY: Final = "of"
#: Role of the five operators of CEP; the others answer, support or orient beside it.
FULL_OPERATOR: Final = "full_operator"


def actor_rows(tables: Tables) -> tuple[Mapping[str, str], ...]:
    """The rows of `actors_names`, in order: actor, name, role, public, cost, source."""
    return tables.names["actors_names"]


def weight(tables: Tables, actor: str, stage: str) -> float:
    """Weight of an actor at a stage, 0 to 1."""
    return tables.figure(f"actors.{actor}.weight_{stage}").mode


def informing_actors(tables: Tables) -> tuple[str, ...]:
    """Codes of the actors that may answer first contacts in place of an operator, in the order of the table.

    Those who inform with a staff that the tables know: no full operator, no training body.
    """
    return tuple(
        row["actor"]
        for row in actor_rows(tables)
        if row["role"] != FULL_OPERATOR
        and row["actor"] != TRAINING_BODY
        and tables.has(f"actors.{row['actor']}.staff_fte")
        and weight(tables, row["actor"], "information") > 0.0
    )
