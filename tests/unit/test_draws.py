"""Keyed draws: the published vectors of Philox 4x64-10, and streams that nothing else moves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cepsim.draws import DRAW_RANGE, places, stream_key, stream_words, threshold, uniform, words

MASK = (1 << 64) - 1

# kat_vectors of Random123 1.14 (Salmon et al. 2011): counter, key, output, least significant word first.
VECTORS = [
    (
        (0, 0, 0, 0),
        (0, 0),
        (0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B),
    ),
    (
        (MASK, MASK, MASK, MASK),
        (MASK, MASK),
        (0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0),
    ),
    (
        (0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89),
        (0x452821E638D01377, 0xBE5466CF34E90C6C),
        (0xA528F45403E61D95, 0x38C72DBD566E9788, 0xA5A1610E72FD18B5, 0x57BD43B5E52B7FE6),
    ),
]


def philox(counter, key):
    """The block of a counter, written from the paper, one operation at a time."""
    c, k = list(counter), list(key)
    for _ in range(10):
        high0, low0 = divmod(c[0] * 0xD2E7470EE14C6C93, 1 << 64)
        high1, low1 = divmod(c[2] * 0xCA5A826395121157, 1 << 64)
        c = [high1 ^ c[1] ^ k[0], low1, high0 ^ c[3] ^ k[1], low0]
        k = [(k[0] + 0x9E3779B97F4A7C15) & MASK, (k[1] + 0xBB67AE8584CAA73B) & MASK]
    return tuple(c)


@pytest.mark.parametrize(("counter", "key", "output"), VECTORS)
def test_numpy_gives_the_published_vectors(counter, key, output):
    number = sum(word << (64 * place) for place, word in enumerate(counter))
    generator = np.random.Philox(
        key=sum(word << (64 * place) for place, word in enumerate(key)),
        counter=(number - 1) % (1 << 256),
    )
    assert tuple(generator.random_raw(4).tolist()) == output
    assert philox(counter, key) == output


def test_the_first_block_of_a_stream_is_that_of_counter_zero():
    assert tuple(words(0, 4).tolist()) == VECTORS[0][2]


@given(st.integers(0, (1 << 128) - 1), st.integers(0, 40))
def test_word_n_is_word_n_mod_4_of_the_block_of_counter_n_div_4(key, n):
    block = philox((n // 4, 0, 0, 0), (key & MASK, key >> 64))
    assert int(words(key, n + 1)[n]) == block[n % 4]


@given(st.integers(0, 30), st.integers(0, 30))
def test_a_shorter_request_is_a_prefix_of_a_longer_one(n, more):
    assert uniform(7, n + more)[:n].tolist() == uniform(7, n).tolist()


def test_a_uniform_draw_is_the_high_half_of_its_word():
    assert uniform(0, 2).tolist() == [0x16554D9E, 0xDB20FE9D]
    assert uniform(0, 2).dtype == np.uint32


@pytest.mark.parametrize(
    ("names", "key"),
    [
        ((), 0x7076A68E75884D4E40BDEFD94169E6CA),
        ((1, 0, "53", "demandeurs_emploi"), 0xD849A69248F00431047FEEFF52D01BB5),
        (("arrivals", 12), 0x6B3041F1F1AF014EED337C379F5B07ED),
    ],
)
def test_the_key_of_a_stream_is_frozen(names, key):
    assert stream_key(*names) == key


@given(st.lists(st.text("abc", max_size=3), min_size=2, max_size=4, unique=True))
def test_names_keep_their_bounds_and_their_order(names):
    key = stream_key(*names)
    assert key != stream_key("".join(names))
    assert key != stream_key(*reversed(names))
    assert 0 <= key < 1 << 128


@given(st.floats(0, 1))
def test_a_threshold_is_passed_by_its_share_of_draws(share):
    assert abs(threshold(share) / DRAW_RANGE - share) <= 0.5 / DRAW_RANGE
    assert 0 <= threshold(share) <= DRAW_RANGE


@pytest.mark.parametrize("share", [-1e-9, 1.0 + 1e-9, float("nan"), float("inf")])
def test_what_is_not_a_probability_is_refused(share):
    with pytest.raises(ValueError, match="between 0 and 1"):
        threshold(share)


@given(st.lists(st.integers(0, 200), min_size=1, max_size=40, unique=True), st.integers(0, 3))
def test_a_place_is_the_number_of_limits_that_the_draw_of_the_rank_has_passed(ranks, other):
    ranks = np.array(sorted(ranks), dtype=np.uint32)
    limits = np.array([[0, 0, 1 << 30], [1 << 31, 3 << 30, DRAW_RANGE], [DRAW_RANGE] * 3, [0] * 3])
    names, cut = [("a", other), ("b",)], len(ranks) // 2
    parts = ranks[:cut], ranks[cut:]
    kinds = (np.arange(len(ranks)) % len(limits)).astype(np.uint16)
    keys = np.array([stream_words(*name) for name in names], dtype=np.uint64)
    found = places(keys, np.array([0, cut, len(ranks)]), ranks, limits, kinds)
    drawn = np.concatenate(
        [uniform(stream_key(*name), 201)[mine] for name, mine in zip(names, parts, strict=True)]
    )
    assert found.tolist() == (limits[kinds] <= drawn[:, None]).sum(axis=1).tolist()
