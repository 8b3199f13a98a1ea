"""The closed vocabulary of units, and the way numbers are written on screen.

Every figure of the tables carries one of the codes of `UNITS`. A unit has a kind (a stock is never added to
a flow), a base unit and the factor that leads to it: 12 `k_persons` = 12 × 1000 `persons`. What users read
beside the number is the label `unit.<code>`, in their language.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import Final, Literal

from cepsim.labels import Language, label

SECONDS_PER_MINUTE: Final = 60
SECONDS_PER_HOUR: Final = 3600
SECONDS_PER_DAY: Final = 86_400
DAYS_PER_WEEK: Final = 7
WORKING_DAYS_PER_WEEK: Final = 5
CENTS_PER_EURO: Final = 100

#: The words of the column `kind` of the tables, but `key`, which is a use and not a nature.
Kind = Literal["stock", "flow", "share", "rate", "duration", "cost", "count", "index", "law"]


#: The largest figures that make sense, far above those of any country that may be simulated: more is a slip
#: of the pen, or would never end.
_MOST_PEOPLE: Final = 1e8
_MOST_STAFF: Final = 1e6
_MOST: Final = 1e14


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the tables.

    Attributes:
        code: its name in the column `unit`.
        kind: the nature of what it measures.
        base: code of the unit in which computations are made.
        factor: one of this unit in base units.
        low, high: the widest range in which a figure in this unit makes sense.
    """

    code: str
    kind: Kind
    base: str
    factor: float = 1.0
    low: float = 0.0
    high: float = math.inf

    def to_base(self, value: float) -> float:
        """The value in base units: 1.5 `k_persons` gives 1500.0 `persons`."""
        return value * self.factor

    def allows(self, value: float) -> bool:
        """Whether a figure in this unit may take this value: finite and inside the range."""
        return math.isfinite(value) and self.low <= value <= self.high


def _vocabulary() -> dict[str, Unit]:
    """All units by code, in the order of the guide."""
    units: list[Unit] = []

    def add(kind: Kind, *codes: str, low: float = 0.0, high: float = _MOST) -> None:
        units.extend(Unit(code, kind, code, low=low, high=high) for code in codes)

    def multiple(kind: Kind, base: str, factor: float, *codes: str, high: float = 0.0) -> None:
        most = next((unit.high for unit in units if unit.code == base), _MOST)
        units.extend(Unit(code, kind, base, factor, high=high or most / factor) for code in codes)

    # People, staff and places at a date.
    add("stock", "persons", high=_MOST_PEOPLE)
    add("stock", "etp", "heads", "places", "etp_per_region", high=_MOST_STAFF)
    multiple("stock", "persons", 1000, "k_persons")
    multiple("stock", "etp", 1000, "k_etp")
    add("stock", "persons_per_adviser", "persons_per_etp")

    # What happens in a year.
    add("flow", "persons_per_year", high=_MOST_PEOPLE)
    add("flow", "events_per_year", "contacts_per_year", "calls_per_year")
    multiple("flow", "persons_per_year", 1000, "k_persons_per_year")
    multiple("flow", "events_per_year", 1000, "k_events_per_year")
    multiple("flow", "contacts_per_year", 1000, "k_contacts_per_year")
    add("flow", "visits_per_year", "interviews_per_year", "bilans_per_year", "requests_per_year")
    add("flow", "files_per_year", "times_per_year")
    multiple("flow", "bilans_per_year", 1000, "k_bilans_per_year")
    multiple("flow", "files_per_year", 1000, "k_files_per_year")
    add("flow", "calls_per_day", "persons_per_half_year")

    # Parts of a whole. A percentage is written as such in its source and read as a share.
    add("share", "share", high=1.0)
    multiple("share", "share", 0.01, "percent", high=100.0)
    add("share", "share_per_week", "share_per_year", high=1.0)

    # How often, per something.
    add("rate", "per_person_year", "per_etp_year", "per_event")
    add("rate", "interviews_per_person", "interviews_per_person_year", "interviews_per_etp_year")
    add("rate", "contacts_per_interview", "persons_per_etp_year", "services_per_person")

    # How long. A share of a day, a month or a year has no single length in seconds: each is its own base.
    add("duration", "seconds")
    multiple("duration", "seconds", SECONDS_PER_MINUTE, "minutes", "minutes_per_interview")
    multiple("duration", "seconds", SECONDS_PER_HOUR, "hours", "hours_per_bilan", "hours_per_service")
    multiple("duration", "seconds", SECONDS_PER_DAY, "days")
    multiple("duration", "seconds", DAYS_PER_WEEK * SECONDS_PER_DAY, "weeks")
    add("duration", "working_days", "months", "years", "days_per_week")
    add("duration", "hours_per_year", "hours_per_etp_year", "days_per_etp_year")
    add("duration", "days_per_adviser", "days_per_adviser_year")
    add("duration", "hour_of_day", high=24.0)

    # Money.
    add("cost", "eur", "eur_per_year", "eur_per_hour", "eur_per_etp_year", "eur_per_post_year")
    multiple("cost", "eur", 1e6, "eur_million")
    multiple("cost", "eur_per_year", 1e6, "eur_million_per_year")
    multiple("cost", "eur_per_year", 1e9, "eur_billion_per_year")
    add("cost", "eur_per_adviser", "eur_per_adviser_day", "eur_per_adviser_year", "eur_per_region_year")
    add("cost", "eur_per_bilan", "eur_per_service", "eur_per_file", "eur_per_path", "eur_per_interview")
    add("cost", "eur_per_person", "eur_per_person_year", "eur_per_call", "eur_per_message")
    add("cost", "eur_per_visit", "eur_per_participant", "eur_per_hire", "eur_per_entry")

    # How many.
    add("count", "times", "interviews", "requests", "supports", "actions")

    # Numbers without a unit.
    add("index", "index", "factor")
    add("index", "points", "sign", low=-_MOST)
    add("index", "relative_change", low=-1.0)
    add("index", "weight", high=1.0)

    # Parameters of how people differ.
    add("law", "coefficient_of_variation")
    add("law", "correlation", low=-1.0, high=1.0)

    return {unit.code: unit for unit in units}


#: Every unit that a table may use, by code.
UNITS: Final[Mapping[str, Unit]] = MappingProxyType(_vocabulary())

#: No-break spaces: narrow between thousands in French, plain before a unit.
_NARROW: Final = "\u202f"
_BEFORE_UNIT: Final = "\u00a0"
_MINUS: Final = "\u2212"
_MONEY_SCALES: Final[Mapping[str, int]] = MappingProxyType({"": 1, "k": 1000, "M": 1_000_000})


def format_number(value: float | Decimal, language: Language, decimals: int = 0) -> str:
    """A number with its thousands apart: 1234.5 is "1 234,5" in French, "1,234.5" in English.

    Halves are rounded away from zero on the decimal form; zero has no sign. Raises ValueError if the value
    is not finite: what is not known has words of its own, chosen by the caller.
    """
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    if not exact.is_finite():
        raise ValueError(f"a number shown to users is finite, found {value}")
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    text = f"{abs(rounded):,f}"
    if language == "fr":
        text = text.replace(",", _NARROW).replace(".", ",")
    return f"{_MINUS}{text}" if rounded < 0 else text


def format_share(value: float, language: Language, decimals: int = 1) -> str:
    """A share as a percentage: 0.123 is "12,3 %" in French, "12.3%" in English."""
    number = format_number(Decimal(str(value)) * 100, language, decimals)
    return f"{number}{_BEFORE_UNIT}%" if language == "fr" else f"{number}%"


def format_euros(cents: int, language: Language, decimals: int = 2, scale: Literal["", "k", "M"] = "") -> str:
    """An amount in integer cents as euros, thousands ("k") or millions ("M") of euros, exactly rounded.

    123456 is "1 234,56 €" in French, "€1,234.56" in English.
    """
    amount = Decimal(cents) / (CENTS_PER_EURO * _MONEY_SCALES[scale])
    number = format_number(amount, language, decimals)
    if language == "fr":
        return f"{number}{_BEFORE_UNIT}{scale}€"
    sign, digits = (_MINUS, number[1:]) if number.startswith(_MINUS) else ("", number)
    return f"{sign}€{digits}{scale}"


def format_quantity(value: float, unit: str, language: Language, decimals: int = 0) -> str:
    """A value with the name of its unit: "1 234 personnes"; shares and percentages as "12,3 %".

    Raises KeyError if the unit is not in `UNITS`.
    """
    known = UNITS[unit]
    if known.base == "share":
        # 12.35 / 100 is the nearest number to 0.1235; 12.35 × 0.01 is not, and would round down.
        return format_share(value / round(1 / known.factor), language, decimals)
    return f"{format_number(value, language, decimals)}{_BEFORE_UNIT}{label(f'unit.{unit}', language)}"
