"""The arithmetic that every engine obeys, on plain integers and one-dimensional sequences.

Nothing here has an effect. The functions use loops and integers that fit a signed word only, so that the
same source runs on lists and on arrays, interpreted or compiled. `first` and `last` bound the part of a
shared array that belongs to one calendar or one branch list.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Final

from cepsim.compiled import shared
from cepsim.trace import NEVER, Reason
from cepsim.units import SECONDS_PER_DAY

#: Reasons of a visit that goes on with what an earlier one began.
GOES_ON: Final = (int(Reason.SERIES), int(Reason.REBOOKED), int(Reason.RETRY), int(Reason.HANDED_OVER))


class Step(IntEnum):
    """Order of events within a second. A rule may read only what an earlier step wrote.

    Delays are published before queues close, from what the second before has left; joins are collected, then
    admitted together in order of person: two halves of the first step, and of the third.
    """

    CALENDAR = 10
    CLOSING = 11
    ENDS = 20
    JOINS = 30
    ADMISSION = 31
    SESSIONS = 40
    CALLS = 50


@shared
def opening_at(closes: Sequence[int], first: int, last: int, second: int) -> int:
    """Position of the first opening that closes after this second; `last` if there is none."""
    low, high = first, last
    while low < high:
        middle = (low + high) // 2
        if closes[middle] > second:
            high = middle
        else:
            low = middle + 1
    return low


@shared
def is_open_at(opens: Sequence[int], closes: Sequence[int], first: int, last: int, second: int) -> bool:
    """Whether a calendar is open during this second."""
    opening = opening_at(closes, first, last, second)
    return opening < last and opens[opening] <= second


@shared
def advance(
    opens: Sequence[int], closes: Sequence[int], first: int, last: int, second: int, work: int
) -> int:
    """When `work` seconds begun at `second` are done, worked during openings only.

    Work that fills an opening to its last second ends at its closing. Returns NEVER where the calendar ends
    before the work does.
    """
    opening, remaining = opening_at(closes, first, last, second), work
    while opening < last:
        begin = max(second, opens[opening])
        if begin + remaining <= closes[opening]:
            return begin + remaining
        remaining -= closes[opening] - begin
        opening += 1
    return NEVER


@shared
def retry_second(
    opens: Sequence[int],
    closes: Sequence[int],
    first: int,
    last: int,
    second: int,
    open_days: int,
    draw: int,
) -> int:
    """When somebody tries again: the same hour, so many open days later.

    Where that hour is closed, any second of that day's first opening, by his draw: one who found the
    door closed learns the hours. Returns NEVER where the calendar ends before.
    """
    day, hour = second // SECONDS_PER_DAY, second % SECONDS_PER_DAY
    opening, found = opening_at(closes, first, last, second), day
    for _ in range(open_days):
        while opening < last and opens[opening] // SECONDS_PER_DAY <= found:
            opening += 1
        if opening == last:
            return NEVER
        found = opens[opening] // SECONDS_PER_DAY
    wanted, piece = found * SECONDS_PER_DAY + hour, opening
    while piece < last and opens[piece] // SECONDS_PER_DAY == found:
        if opens[piece] <= wanted < closes[piece]:
            return wanted
        piece += 1
    return opens[opening] + (draw * (closes[opening] - opens[opening]) >> 32)


@shared
def taken_branch(
    threshold: Sequence[int], repeat_max: Sequence[int], first: int, last: int, draw: int, repeats: int
) -> int:
    """The branch of a list that a draw points to; one taken to its maximum leaves its share to the next."""
    for branch in range(first, last):
        exhausted = 0 <= repeat_max[branch] <= repeats
        if draw < threshold[branch] and not exhausted:
            return branch
    return last - 1
