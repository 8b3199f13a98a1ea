"""A figure with its interval, as text; and the look-up of a figure in a tidy frame."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd

from cepsim.indicators import ENOUGH_REPLICATIONS, FEWEST_REPLICATIONS
from cepsim.labels import Language, label
from cepsim.scenario.parts import Calendar
from cepsim.units import SECONDS_PER_DAY, format_euros, format_number, format_share

#: How a value in its frame's unit is written.
Write = Callable[[float], str]


def days(language: Language) -> Write:
    """Seconds as days, one decimal."""
    return lambda value: format_number(value / SECONDS_PER_DAY, language, 1)


def day(when: date, language: Language) -> str:
    """A date as the reader writes it."""
    return when.strftime("%d/%m/%Y" if language == "fr" else "%Y-%m-%d")


def number(language: Language, decimals: int = 0) -> Write:
    """A plain number."""
    return lambda value: format_number(value, language, decimals)


def share(language: Language) -> Write:
    """A share as a percentage."""
    return lambda value: format_share(value, language)


def millions(language: Language) -> Write:
    """Euros as millions of euros, two decimals."""
    return lambda value: format_euros(round(value * 100), language, 2, "M")


def euros(language: Language) -> Write:
    """Whole euros."""
    return lambda value: format_euros(round(value * 100), language, 0)


def period(calendar: Calendar, language: Language) -> str:
    """The years of a horizon: "en 2015", "de 2015 à 2017"."""
    first, last = calendar.launch_date.year, calendar.launch_date.year + calendar.years - 1
    return label(f"period.{'one' if first == last else 'many'}", language, first=first, last=last)


def uncertainty(replications: int, language: Language) -> str:
    """What brackets hold and what they do not, or why there are none."""
    if replications < FEWEST_REPLICATIONS:
        return label("answers.interval_none", language)
    few = replications < ENOUGH_REPLICATIONS
    return label(f"answers.interval_{'indicative' if few else 'noise'}", language)


def row_of(frame: pd.DataFrame, **keys: str) -> pd.Series | None:
    """The row with these keys, or None if there is none. Raises ValueError if there are several."""
    # masks, and one row taken: a table asks hundreds of times
    places = np.arange(len(frame))
    for column, value in keys.items():
        places = places[(frame[column].iloc[places] == value).to_numpy(dtype=bool)]
    if len(places) > 1:
        raise ValueError(f"{len(places)} rows for {keys}, expected one")
    return frame.iloc[places[0]] if len(places) else None


def cell(row: pd.Series | None, write: Write, language: Language, *, interval: bool = True) -> str:
    """Text such as "12,3 [11,9 ; 12,7]"; "> 40" for a quantile not reached; a dash where there is nothing.

    There are no brackets where there is no interval, nor where its bounds are written as the mean is.
    """
    if row is None:
        return "–"
    mean = float(row["mean"])
    if math.isnan(mean):
        beyond = float(row.get("beyond", float("nan")))
        return "–" if math.isnan(beyond) else f"> {write(beyond)}"
    if not interval or math.isnan(float(row["low"])):
        return write(mean)
    low, high = write(float(row["low"])), write(float(row["high"]))
    if low == high == write(mean):
        return low
    return f"{write(mean)} {label('answers.interval', language, low=low, high=high)}"


def signed(write: Write, factor: float = 1.0) -> Write:
    """A difference: what is more has its sign."""

    def written(value: float) -> str:
        text = write(value * factor)
        is_nothing = not any(digit in text for digit in "123456789")
        return text if is_nothing or value < 0 else f"+{text}"

    return written
