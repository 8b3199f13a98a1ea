"""Keyed random numbers: the same key and the same counter give the same bits, on any machine.

A stream is named by the *names* of what it is for (seed, replication, region, public, ...), never by
their positions, so that adding a region or a purpose moves nobody else's luck. The bits are those of
Philox 4x64-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011), read raw:
numpy guarantees the bit stream of a bit generator, not that of its distributions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cepsim.compiled import compiled, high_half

#: Philox increments its counter before each block: starting at the last one makes block 0 the first.
_BEFORE_BLOCK_ZERO = (1 << 256) - 1

_WORD = (1 << 64) - 1

#: Multipliers and key increments of Philox 4x64 (Salmon et al., table 2 and section 3.3).
_M0, _M1 = np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157)
_W0, _W1 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBB67AE8584CAA73B)
_ROUNDS = 10
#: The generator, as its authors write it: four words of 64 bits, and the rounds.
GENERATOR: Final = f"Philox 4x64-{_ROUNDS}"

Words = NDArray[np.uint64]
#: What is drawn for each person: a small code. And which row of limits holds for each.
Codes = NDArray[np.uint8]
Kinds = NDArray[np.uint16]
#: Draws for one purpose, as places among limits: (limits, kinds) -> codes, as in `places`.
Pick = Callable[[NDArray[np.int64], Kinds], Codes]

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


def stream_words(*names: str | int) -> tuple[int, int]:
    """The same key as two 64-bit words, least significant first."""
    key = stream_key(*names)
    return key & _WORD, key >> 64


def name_code(name: str) -> int:
    """A name as a 64-bit word of a counter."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


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


@compiled
def philox(
    key_0: np.uint64, key_1: np.uint64, c_0: np.uint64, c_1: np.uint64, c_2: np.uint64, c_3: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """The four words of Philox 4x64-10 for one counter, read at random, where `words` reads in order."""
    k_0, k_1 = np.uint64(key_0), np.uint64(key_1)
    a, b, c, d = np.uint64(c_0), np.uint64(c_1), np.uint64(c_2), np.uint64(c_3)
    for _ in range(_ROUNDS):
        high_0, low_0 = high_half(_M0, a), _M0 * a
        high_1, low_1 = high_half(_M1, c), _M1 * c
        a, b, c, d = high_1 ^ b ^ k_0, low_1, high_0 ^ d ^ k_1, low_0
        k_0, k_1 = k_0 + _W0, k_1 + _W1
    return a, b, c, d


@compiled
def places(
    keys: Words,
    bounds: NDArray[np.int64],
    ranks: NDArray[np.uint32],
    limits: NDArray[np.int64],
    kinds: Kinds,
) -> Codes:
    """Where the draw of each person falls among limits: how many of them do not exceed it.

    Stream n has the key `keys[n]`, shape (streams, 2), and the people of rows `bounds[n]` to `bounds[n + 1]`,
    each of them a word of it, in order: `ranks`. `limits` has shape (kinds, steps), not decreasing, on
    [0, 2**32]; `kinds` gives each person's row of it. A draw that changes nothing is not read.
    """
    steps = limits.shape[1]
    free = np.empty(len(limits), dtype=np.bool_)
    for kind in range(len(limits)):
        free[kind] = False
        for step in range(steps):
            free[kind] |= 0 < limits[kind, step] < DRAW_RANGE
    found = np.empty(len(ranks), dtype=np.uint8)
    none = np.uint64(0)
    for stream in range(len(keys)):
        key_0, key_1 = keys[stream, 0], keys[stream, 1]
        held, block = np.int64(-1), (none, none, none, none)
        for row in range(bounds[stream], bounds[stream + 1]):
            kind, draw = kinds[row], np.int64(0)
            if free[kind]:
                rank = np.int64(ranks[row])
                if rank >> 2 != held:
                    held = rank >> 2
                    block = philox(key_0, key_1, np.uint64(held), none, none, none)
                draw = np.int64(block[rank & 3] >> np.uint64(64 - DRAW_BITS))
            place = 0
            for step in range(steps):
                place += limits[kind, step] <= draw
            found[row] = place
    return found
