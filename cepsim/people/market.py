"""Who receives whom: the market shares, tried in the order of the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cepsim.draws import threshold
from cepsim.errors import TableError
from cepsim.scenario.vocabulary import OPERATORS, PUBLICS
from cepsim.tables import Tables
from cepsim.trace import Ints

Mask = NDArray[np.bool_]

NOBODY: Final = -1


@dataclass(frozen=True, slots=True, eq=False)
class Applicants:
    """What decides who receives people; arrays of shape (n,).

    `public` is a position in the vocabulary, `market` the draw on [0, 2**32). `base`: comes today, without
    any new right; `own_way`: goes to the APEC of his own accord.
    """

    public: Ints
    market: Ints
    private: Mask
    leaver: Mask
    seeker: Mask
    base: Mask
    own_way: Mask
    cadre: Mask
    under_26: Mask
    disabled: Mask


def operators(tables: Tables, who: Applicants) -> tuple[Ints, Ints]:
    """Operator who receives each person and operator he may be sent to, by the market shares.

    Private employees who come today go whole to the OPACIF (their contacts were counted there), and the
    cadres' own flow to the APEC; the shares of the market hold for the others. One may be sent to the
    operator whom the shares name beside one's own; where they do not name exactly one other, nobody is sent
    anywhere. Raises TableError where no rule holds for somebody.
    """
    count = len(who.public)
    operator = np.full(count, NOBODY, dtype=np.int64)
    alternate = np.full(count, NOBODY, dtype=np.int64)
    groups = {
        "demandeurs_emploi": who.seeker,
        "sortants_formation_initiale": who.leaver,
        "salaries_prives": who.private,
        "independants": who.public == PUBLICS.index("independants"),
        "agents_publics": who.public == PUBLICS.index("agents_publics"),
    }
    conditions = {
        "all": np.ones(count, dtype=bool),
        "none_of_the_above": np.ones(count, dtype=bool),
        "disability_recognised": who.disabled,
        "under_26": who.under_26,
        "cadre": who.cadre,
        "not_cadre": ~who.cadre,
    }
    rules = _rules(tables)
    for group, order, condition in sorted(rules):
        shares = rules[group, order, condition]
        here = groups[group] & conditions[condition] & (operator == NOBODY)
        cumulated = np.cumsum([share for _, share in shares])
        limits = np.array([threshold(min(1.0, float(c))) for c in cumulated[:-1]], dtype=np.int64)
        rank = np.searchsorted(limits, who.market[here], side="right")
        codes = np.array([OPERATORS.index(name) for name, _ in shares], dtype=np.int64)
        operator[here] = codes[rank]
        if len(codes) == 2:
            alternate[here] = codes[1 - rank]
    opacif, apec = OPERATORS.index("opacif"), OPERATORS.index("apec")
    _keep(operator, alternate, who.own_way, apec)
    _keep(operator, alternate, who.private & who.base & ~who.own_way, opacif)
    if (operator == NOBODY).any():
        public = PUBLICS[int(who.public[operator == NOBODY][0])]
        raise TableError(
            file="market_shares.csv",
            field=public,
            found="no rule for somebody of this public",
            expected="a rule for everybody",
        )
    return operator, alternate


def _rules(tables: Tables) -> dict[tuple[str, str, str], list[tuple[str, float]]]:
    """(operator, share) of each rule, by (group, order, condition)."""
    rules: dict[tuple[str, str, str], list[tuple[str, float]]] = {}
    for figure in map(tables.figure, tables.ids("market_shares")):
        if figure.addressable:
            order, group, condition, name = figure.keys
            rules.setdefault((group, order, condition), []).append((name, figure.mode))
    return rules


def _keep(operator: Ints, alternate: Ints, who: Mask, code: int) -> None:
    """Send these people to one operator; whom the shares named instead becomes the alternate."""
    moved = who & (operator != code)
    alternate[moved] = operator[moved]
    operator[who] = code
