"""Good files spoiled at random, as an editor, an export, a disk or a stranger would: from a `Random` alone.

The same damage serves the generated cases of the tests and the long run (`fuzz.long`).
"""

import copy
import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from random import Random
from typing import Any

import tomli_w
from hostile import TEXTS

Tree = dict[str, Any]

NUMBERS = (
    *(0, 1, -1, 2, 7, 10**9, -(10**9), 10**18, 2**63, -(2**63) - 1, 10**30),
    *(0.5, -0.0, 1e-320, 1e9, 1e300, -1e300, float("nan"), float("inf"), float("-inf")),
)
DATES = (date(1, 1, 1), date(2014, 12, 31), date(2020, 2, 29), date(9999, 12, 31), datetime(2015, 1, 1, 12))
BLOTS = (
    *(b"\x00", b"\xff\xfe", b"\xc3(", b"\xef\xbb\xbf", b"\r", b"\r\n", b'"', b"'", b'"""', b"[", b"]", b"{"),
    *(
        b"}",
        b"=",
        b"#",
        b",",
        b";",
        b".",
        b"-",
        b"1e400",
        b"nan",
        b"inf",
        b"9" * 5000,
        b"[" * 5000,
        b"\\u0000",
    ),
    *(b"\\ud800", b"a." * 300, b"x" * 3000, b"\n[figures]\n", b"\nname = 'x'\n", "é\u202e".encode(), b"null"),
)
_DEEP = 60


def spoiled_bytes(raw: bytes, rng: Random) -> bytes:
    """A file with one to three accidents: cut, bits flipped, something put in, moved or said twice."""
    for _ in range(rng.randint(1, 3)):
        at, to = sorted((rng.randint(0, len(raw)), rng.randint(0, len(raw))))
        to = min(to, at + rng.choice((1, 10, 200)))
        kind = rng.randrange(6)
        if kind == 0:
            raw = raw[:at]
        elif kind == 1:
            raw = raw[:at] + raw[to:]
        elif kind == 2:
            raw = raw[:to] + raw[at:to] + raw[to:]
        elif kind == 3 and at < len(raw):
            raw = raw[:at] + bytes([raw[at] ^ (1 << rng.randrange(8))]) + raw[at + 1 :]
        elif kind == 4:
            raw = raw[:at] + rng.choice(TEXTS).encode() + raw[at:]
        else:
            raw = raw[:at] + rng.choice(BLOTS) + raw[rng.choice((at, to)) :]
    return raw


def odd_value(rng: Random) -> Any:
    """A value that a field does not expect."""
    kind = rng.randrange(8)
    if kind == 0:
        return rng.choice(NUMBERS)
    if kind == 1:
        return rng.choice(TEXTS)
    if kind == 2:
        return rng.choice(DATES)
    if kind == 3:
        return rng.choice((True, False, "", "all", "none", "53", "é", "nan", "x" * 5000))
    if kind == 4:
        return [rng.choice((1, "53", "x", True, [], {})) for _ in range(rng.randrange(4))]
    if kind == 5:
        return {rng.choice(("x", "low", "all", rng.choice(TEXTS))): rng.choice(NUMBERS)}
    if kind == 6:
        nest: Any = rng.choice(([], {}))
        for _ in range(rng.choice((2, 9, _DEEP))):
            nest = [nest] if rng.random() < 0.5 else {"x": nest}
        return nest
    return [odd_value(rng)] * rng.choice((1, 2, 50)) if rng.random() < 0.5 else {}


def spoiled_tree(tree: Tree, rng: Random, value: Callable[[Random], Any] = odd_value) -> Tree:
    """A tree of tables, lists and values with one to four places changed, removed, added or exchanged."""
    tree = copy.deepcopy(tree)
    for _ in range(rng.randint(1, 4)):
        places = list(_places(tree))
        if not places:
            return {"x": value(rng)}
        holder, key = rng.choice(places)
        kind = rng.randrange(8)
        if kind <= 2:
            holder[key] = value(rng)
        elif kind == 3:
            del holder[key]
        elif kind == 4:
            other, name = rng.choice(places)
            holder[key] = copy.deepcopy(other[name])
        elif kind == 5 and isinstance(holder, dict):
            holder[rng.choice((f"{key}s", str(key).upper(), rng.choice(TEXTS), "x"))] = holder.pop(key)
        elif kind == 6 and isinstance(holder, dict):
            holder[rng.choice(("x", "extends", "figures", "waves", rng.choice(TEXTS)))] = value(rng)
        elif isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        elif isinstance(holder[key], int | float) and not isinstance(holder[key], bool):
            holder[key] = rng.choice(NUMBERS)
    return tree


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Each holder and key of a tree."""
    for key in list(tree) if isinstance(tree, dict) else range(len(tree)):
        yield tree, key
        if isinstance(tree[key], dict | list):
            yield from _places(tree[key])


def toml_of(tree: Tree) -> bytes:
    """A tree as TOML, as far as its writer knows how; numbers that it cannot read back stay as they are."""
    return tomli_w.dumps(tree).encode("utf-8", errors="replace")


def json_of(tree: Tree) -> bytes:
    """A tree as JSON, NaN and infinities written as Python writes them."""
    return json.dumps(tree, default=str).encode("utf-8", errors="replace")


def spoiled_table(raw: bytes, rng: Random) -> bytes:
    """A CSV table with one to four cells, columns or rows changed."""
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8"), newline="")))
    for _ in range(rng.randint(1, 4)):
        row = rng.randrange(len(rows))
        column = rng.randrange(max(1, len(rows[row])))
        kind = rng.randrange(7)
        if kind <= 1 and column < len(rows[row]):
            rows[row][column] = str(
                rng.choice((rng.choice(NUMBERS), rng.choice(TEXTS), "", "1,5", "1 000", "é"))
            )
        elif kind == 2:
            rows[row].insert(column, rng.choice(TEXTS))
        elif kind == 3:
            del rows[row][column : column + 1]
        elif kind == 4:
            rows.insert(row, list(rng.choice(rows)))
        elif kind == 5 and len(rows) > 1:
            del rows[row]
        elif column < len(rows[row]):
            other = rng.choice(rows)
            rows[row][column] = rng.choice(other) if other else ""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8", errors="replace")
