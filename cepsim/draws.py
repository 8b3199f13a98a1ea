"""Keyed random numbers: the same key and the same counter give the same bits, on any machine.

A stream is named by the *names* of what it is for (seed, replication, region, public, ...), never by
their positions, so that adding a region or a purpose moves nobody else's luck. The bits are those of
Philox 4x64-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011), read raw:
numpy guarantees the bit stream of a bit generator, not that of its distributions.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

#: Philox increments its counter before each block: starting at the last one makes block 0 the first.
_BEFORE_BLOCK_ZERO = (1 << 256) - 1

#: Uniform draws are integers on this many bits, held as uint32.
DRAW_BITS = 32
DRAW_RANGE = 1 << DRAW_BITS


def stream_key(*names: str | int) -> int:
    """The 128-bit Philox key of a stream, from the names it is for.

    Names are joined by a separator that no code contains and hashed (BLAKE2b), so that ("a", "bc") and
    ("ab", "c") differ.
    """
    text = "\x1f".join(str(name) for name in names)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "little")


def words(key: int, count: int) -> NDArray[np.uint64]:
    """The first `count` 64-bit words of the stream of a key; word n belongs to counter n.

    Shape (count,). The words of a shorter request are a prefix of those of a longer one.
    """
    generator = np.random.Philox(key=key, counter=_BEFORE_BLOCK_ZERO)
    return np.asarray(generator.random_raw(count), dtype=np.uint64)


def uniform(key: int, count: int) -> NDArray[np.uint32]:
    """`count` uniform integers on [0, 2**32): the high half of each word of the stream."""
    return (words(key, count) >> np.uint64(64 - DRAW_BITS)).astype(np.uint32)


def threshold(probability: float) -> int:
    """The integer below which a uniform draw falls with this probability, rounded to 2**-32.

    Raises ValueError outside [0, 1].
    """
    if not 0.0 <= probability <= 1.0:
        raise ValueError(f"a probability lies between 0 and 1, found {probability}")
    return round(probability * DRAW_RANGE)
