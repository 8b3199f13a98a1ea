"""The indicators whose precision may be asked for, by name, each with its unit and its absolute floor.

An indicator is one number a replication, over all the regions of the run. Nothing is estimated here: a
replication is read with the functions that give the frames of `Results`, on the rows that are asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from types import MappingProxyType
from typing import Final

import pandas as pd

from cepsim.costing import Ledger, net_of, unit_costs
from cepsim.errors import UsageError
from cepsim.experiment.kept import Kept
from cepsim.experiment.pipeline import REFERENCE, Measured
from cepsim.experiment.results import Results
from cepsim.indicators import ALL, Counts
from cepsim.indicators.activity import volumes
from cepsim.indicators.counts import MEASURES_OF
from cepsim.indicators.delays import delays, within_norm
from cepsim.indicators.rows import KEYS, together
from cepsim.indicators.tally import total
from cepsim.units import CENTS_PER_EURO

#: The operator and the stage whose waits are followed: all operators together would mix its wait with that of
#: Pôle emploi, where the accueil fits in the registration interview.
_OPERATOR: Final = "opacif"
_STAGE: Final = "accueil"
#: The region and the public of rows summed over them, before anything is estimated: no code of either.
_TOGETHER: Final = "together"


@dataclass(frozen=True, slots=True)
class Reading:
    """The value of an indicator in a replication; not `reached`, it is a bound ("> value"), NaN: nothing."""

    value: float
    reached: bool = True


@dataclass(frozen=True, eq=False)
class Replicate:
    """One replication of a scenario of some results; it is priced only if its cost is read."""

    results: Results
    scenario: str
    number: int

    @property
    def measured(self) -> Measured | Kept:
        """What was counted."""
        return self.results.measured[self.scenario][self.number]

    @property
    def ledger(self) -> Ledger:
        """What it cost."""
        return self.results.ledgers[self.scenario][self.number]

    @property
    def years(self) -> int:
        """Years of the horizon."""
        return self.results.deployments[self.scenario].horizon.years

    @cached_property
    def rows(self) -> pd.DataFrame:
        """Delays of the accueil at the operator followed and people received, as `indicators.rows`."""
        of = self.measured.counts
        accueil = {"operator": _OPERATOR, "stage": _STAGE}
        narrow = replace(
            of,
            waits=_summed(of, "waits", **accueil),
            waits_working_days=_summed(of, "waits_working_days", **accueil),
            losses=_summed(of, "losses", **accueil),
            offers=_summed(of, "offers", operator=_OPERATOR),
            volumes=_summed(of, "volumes", measure="received"),
        )
        return together([delays(narrow), within_norm(narrow), volumes(narrow)])

    @cached_property
    def net(self) -> pd.Series[int]:
        """What the replication costs in all, net of the reference, and the parts of it, in cents."""
        reference = self.results.ledgers[REFERENCE][self.number]
        return net_of(self.ledger, reference, by=()).iloc[0]


@dataclass(frozen=True, slots=True)
class Indicator:
    """An indicator whose precision may be asked for.

    Attributes:
        name: what the command line calls it.
        unit: of its values and of its floor, a code of `units.UNITS`.
        floor: half-width that is precise enough whatever the mean.
        read: its value in a replication.
        is_net: it is a difference with the reference, which has none itself.
    """

    name: str
    unit: str
    floor: float
    read: Callable[[Replicate], Reading]
    is_net: bool = False


def _delay(indicator: str) -> Callable[[Replicate], Reading]:
    """Read an indicator of the accueil; nothing where nobody asked for one."""

    def read(of: Replicate) -> Reading:
        row = _row(of.rows, indicator=indicator, operator=_OPERATOR, stage=_STAGE)
        return Reading(math.nan, False) if row is None else Reading(float(row["value"]), bool(row["reached"]))

    return read


def _received(operator: str) -> Callable[[Replicate], Reading]:
    """Read the people received, a year of the horizon; 0 where there is no row."""

    def read(of: Replicate) -> Reading:
        row = _row(of.rows, indicator="received", operator=operator)
        return Reading(0.0 if row is None else float(row["value"]) / of.years)

    return read


def _gross(of: Replicate) -> Reading:
    return Reading(float(of.ledger.rows["amount_cents"].sum()) / CENTS_PER_EURO)


def _net(column: str) -> Callable[[Replicate], Reading]:
    return lambda of: Reading(float(of.net[f"{column}_cents"]) / CENTS_PER_EURO)


def _per_person_received(operator: str) -> Callable[[Replicate], Reading]:
    """Read the operators' cost per person received; nothing where nobody is."""

    def read(of: Replicate) -> Reading:
        table = unit_costs(of.ledger, of.measured.quantities, by=[] if operator == ALL else ["operator"])
        here = table if operator == ALL else table[table["operator"] == operator]
        cost = here["per_person_received"].dropna()
        return Reading(float(cost.iloc[0])) if len(cost) else Reading(math.nan, False)

    return read


#: Every indicator by name. Floors: a person a year, half a point of a share, ten thousand euros (0,01 M€) and
#: a euro a person are the last digits that a table is read to; half a working day and a working day, because
#: in a replication the quantile of a wait is a whole number of them.
INDICATORS: Final[Mapping[str, Indicator]] = MappingProxyType(
    {
        indicator.name: indicator
        for indicator in (
            Indicator("received", "persons_per_year", 1.0, _received(ALL)),
            Indicator("received_opacif", "persons_per_year", 1.0, _received(_OPERATOR)),
            Indicator("wait_p50", "working_days", 0.5, _delay("wait_p50_working_days")),
            Indicator("wait_p90", "working_days", 1.0, _delay("wait_p90_working_days")),
            Indicator("share_within_norm", "share", 0.005, _delay("share_within_norm")),
            Indicator("share_lost", "share", 0.005, _delay("share_lost")),
            Indicator("gross_cost", "eur", 10_000.0, _gross),
            Indicator("net_cost", "eur", 10_000.0, _net("net"), is_net=True),
            Indicator("new_money", "eur", 10_000.0, _net("new_money"), is_net=True),
            Indicator("cost_per_person_received", "eur_per_person", 1.0, _per_person_received(ALL)),
            Indicator(
                "cost_per_person_received_opacif", "eur_per_person", 1.0, _per_person_received(_OPERATOR)
            ),
        )
    }
)
#: Followed where nobody says which: one for the coverage, two for the delays, two for the cost.
DEFAULT_INDICATORS: Final = ("received_opacif", "wait_p50", "share_lost", "gross_cost", "net_cost")
#: Nearest names that a refusal gives.
_NEAREST: Final = 3


def indicators_named(names: Sequence[str]) -> tuple[Indicator, ...]:
    """The indicators of these names, each once, in their order; a hyphen is as good as an underscore.

    Raises UsageError, which gives the nearest names, for a name that none has.
    """
    found: dict[str, Indicator] = {}
    for name in names:
        code = name.strip().casefold().replace("-", "_")
        if code not in INDICATORS:
            close = ", ".join(get_close_matches(code, INDICATORS, n=_NEAREST, cutoff=0.0))
            every = ", ".join(INDICATORS)
            raise UsageError(f"indicator: found {name}, expected one of {every}. The nearest: {close}.")
        found[code] = INDICATORS[code]
    if not found:
        raise UsageError("found no indicator, expected at least one")
    return tuple(found.values())


def _where(table: pd.DataFrame, **keys: str) -> pd.DataFrame:
    for column, value in keys.items():
        table = table[table[column] == value]
    return table.reset_index(drop=True)


def _summed(counts: Counts, name: str, **keys: str) -> pd.DataFrame:
    """The rows of a table with these keys, all regions and publics together."""
    table = _where(counts.tables[name], **keys).assign(region=_TOGETHER, public=_TOGETHER)
    measures = MEASURES_OF[name]
    return total(table, [column for column in table.columns if column not in measures], measures)


def _row(rows: pd.DataFrame, **keys: str) -> pd.Series | None:
    """The row with these keys, the others summed over; None if there is none."""
    found = _where(rows, **{**dict.fromkeys(KEYS, ALL), **keys})
    return found.iloc[0] if len(found) else None
