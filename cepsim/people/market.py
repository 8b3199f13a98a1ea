"""Who receives whom: the market shares, tried in the order of the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cepsim.draws import DRAW_RANGE, Kinds, Pick, threshold
from cepsim.errors import TableError
from cepsim.scenario.vocabulary import JOB_SEEKERS, OPERATORS, PRIVATE_EMPLOYEES, PUBLICS, Public
from cepsim.tables import Tables

Mask = NDArray[np.bool_]
#: Positions in OPERATORS, or NOBODY.
Receivers = NDArray[np.int8]

NOBODY: Final = -1
_FLAGS: Final = ("base", "own_way", "cadre", "under_26", "disabled", "registered")


@dataclass(frozen=True, slots=True, eq=False)
class Applicants:
    """What decides who receives people, besides a draw; arrays of shape (n,).

    `public` is a position in the vocabulary. `base`: comes today, without any new right; `own_way`: goes to
    the APEC of his own accord; `registered`: in work, registered at Pôle emploi and sent there for that.
    """

    public: NDArray[np.integer[Any]]
    base: Mask
    own_way: Mask
    cadre: Mask
    under_26: Mask
    disabled: Mask
    registered: Mask

    def kinds(self) -> Kinds:
        """The kind of each: a row of what `_rule_of_each_kind` gives."""
        kind = self.public.astype(np.uint16)
        for name in _FLAGS:
            kind = kind * np.uint16(2) + getattr(self, name)
        return kind


@dataclass(frozen=True, slots=True)
class _Rule:
    """What holds for a kind: draws from which each next operator receives; by place, who and who else."""

    limits: tuple[int, ...]
    operator: tuple[int, ...]
    alternate: tuple[int, ...]


#: For somebody whom the shares send nowhere.
_NO_RULE: Final = _Rule((), (NOBODY,), (NOBODY,))


def operators(tables: Tables, who: Applicants, pick: Pick) -> tuple[Receivers, Receivers]:
    """Operator who receives each person and operator he may be sent to, by the market shares.

    Private employees who come today go whole to the OPACIF (their contacts were counted there), and the
    cadres' own flow to the APEC; the shares of the market hold for the others. One may be sent to the
    operator whom the shares name beside one's own; where they do not name exactly one other, nobody is sent
    anywhere. Raises TableError where no rule holds for somebody.
    """
    rules = _rule_of_each_kind(tables)
    most = max(len(rule.operator) for rule in rules if rule is not None)
    limits = np.full((len(rules), most - 1), DRAW_RANGE, dtype=np.int64)
    operator, alternate = (np.full((len(rules), most), NOBODY, dtype=np.int8) for _ in range(2))
    for kind, rule in enumerate(rules):
        if rule is not None:
            limits[kind, : len(rule.limits)] = rule.limits
            operator[kind, : len(rule.operator)] = rule.operator
            alternate[kind, : len(rule.operator)] = rule.alternate
    kinds = who.kinds()
    unruled = np.array([rule is None for rule in rules])[kinds]
    if unruled.any():
        raise TableError(
            file="market_shares.csv",
            field=PUBLICS[int(who.public[unruled][0])],
            found="no rule for somebody of this public",
            expected="a rule for everybody",
        )
    place = kinds * np.uint16(most) + pick(limits, kinds)
    return operator.reshape(-1)[place], alternate.reshape(-1)[place]


def _rule_of_each_kind(tables: Tables) -> list[_Rule | None]:
    """The rule of every kind of applicants, in the order of `Applicants.kinds`; None where there is none."""
    rules = _rules(tables)
    return [
        _rule(rules, public, dict(zip(_FLAGS, flags, strict=True)))
        for public in PUBLICS
        for flags in product((False, True), repeat=len(_FLAGS))
    ]


def _rule(
    rules: Mapping[tuple[str, str, str], _Rule], public: Public, flags: dict[str, bool]
) -> _Rule | None:
    """The first rule that holds for a kind."""
    private = public in PRIVATE_EMPLOYEES
    group = "salaries_prives" if private else "demandeurs_emploi" if public in JOB_SEEKERS else public
    conditions = {
        "all": True,
        "none_of_the_above": True,
        "disability_recognised": flags["disabled"],
        "under_26": flags["under_26"],
        "registered": flags["registered"],
        "cadre": flags["cadre"],
        "not_cadre": not flags["cadre"],
    }
    holding = (rule for (of, _, condition), rule in rules.items() if of == group and conditions[condition])
    rule = next(holding, None)
    if flags["own_way"]:
        return _keep(rule or _NO_RULE, OPERATORS.index("apec"))
    if private and flags["base"]:
        return _keep(rule or _NO_RULE, OPERATORS.index("opacif"))
    return rule


def _rules(tables: Tables) -> dict[tuple[str, str, str], _Rule]:
    """The rules by (group, order, condition), in the order in which they are tried."""
    shares: dict[tuple[str, str, str], list[tuple[int, float]]] = {}
    for figure in map(tables.figure, tables.inputs("market_shares")):
        order, group, condition, name = figure.keys
        shares.setdefault((group, order, condition), []).append((OPERATORS.index(name), figure.mode))
    rules = {}
    for key in sorted(shares):
        codes, parts = zip(*shares[key], strict=True)
        limits = tuple(threshold(min(1.0, float(c))) for c in np.cumsum(parts)[:-1])
        rules[key] = _Rule(limits, codes, codes[::-1] if len(codes) == 2 else (NOBODY,) * len(codes))
    return rules


def _keep(rule: _Rule, code: int) -> _Rule:
    """Everybody sent to one operator; whom the shares named instead becomes the alternate."""
    pairs = zip(rule.operator, rule.alternate, strict=True)
    alternate = tuple(other if named == code else named for named, other in pairs)
    return _Rule(rule.limits, (code,) * len(rule.operator), alternate)
