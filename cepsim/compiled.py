"""Compiling loops with numba, once: the machine code is kept on disk.

numba's own cache looks at the file of a function only, not at those of the functions it calls. Here the
folder of the cache is named after the content of all that is compiled, so that no stale code can run.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba.core import config, types
from numba.extending import intrinsic, register_jitable

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """The function as machine code, from its first call: integers of 64 bits, which wrap."""
    return _kept(numba.njit, function, {"error_model": "numpy", "nogil": True})


def inlined(function: Function) -> Function:
    """The same for a small function that only compiled functions call: it disappears into them."""
    return _kept(numba.njit, function, {"error_model": "numpy", "nogil": True, "forceinline": True})


def shared(function: Function) -> Function:
    """The function itself, which compiled functions may call as well: one source, interpreted or compiled."""
    done: Function = register_jitable(error_model="numpy", forceinline=True)(function)
    return done


#: numba's settings, whose attributes it makes as it goes.
settings: Any = config


def _kept(jit: Any, function: Function, options: dict[str, Any]) -> Function:
    before, settings.CACHE_DIR = settings.CACHE_DIR, str(_folder())
    try:
        done: Function = jit(cache=True, **options)(function)
    finally:
        settings.CACHE_DIR = before
    return done


@cache
def _folder() -> Path:
    """Where the machine code of this version of the package is kept: with it, or in the user's cache."""
    package = Path(__file__).parent
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(package.rglob("*.py")):
        content = path.read_bytes()
        # what is compiled, and the constants that it holds
        if b"cepsim.compiled" in content or path.name in ("compiled.py", "trace.py", "arrays.py", "units.py"):
            digest.update(path.relative_to(package).as_posix().encode())
            digest.update(content)
    name = f"compiled-{digest.hexdigest()}"
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        return Path(chosen) / name
    beside = package / "__pycache__"
    if os.access(beside if beside.is_dir() else package, os.W_OK):
        return beside / name
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
    folder = Path(home) / "cepsim" / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.gettempdir()) / name
    return folder


def records_at(kind: np.dtype[np.void]) -> Any:
    """A reader of records in an array known by its address: (address, position) -> the record, in place.

    A loop over many arrays hands each function one record of addresses, where as many arrays would take
    minutes to compile. Bounds are not checked, as nowhere in compiled code.
    """
    record = numba.from_dtype(kind)

    @intrinsic
    def record_at(_context: Any, _address: Any, _position: Any) -> Any:
        def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            place = _place(builder, arguments, kind.itemsize)
            return builder.inttoptr(place, context.get_value_type(record))

        return record(types.int64, types.int64), generate

    return record_at


@intrinsic
def _int_at(_context: Any, _address: Any, _position: Any) -> Any:
    """The integer at a position of an int64 array known by its address."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.load(_pointer(builder, arguments, 64))

    return types.int64(types.int64, types.int64), generate


@intrinsic
def _put_int(_context: Any, _address: Any, _position: Any, _value: Any) -> Any:
    """Write an integer at a position of an int64 array known by its address."""

    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        builder.store(arguments[2], _pointer(builder, arguments, 64))
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), generate


@intrinsic
def _short_at(_context: Any, _address: Any, _position: Any) -> Any:
    """The integer at a position of an int32 array known by its address."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        from llvmlite import ir

        return builder.sext(builder.load(_pointer(builder, arguments, 32)), ir.IntType(64))

    return types.int64(types.int64, types.int64), generate


@intrinsic
def _put_short(_context: Any, _address: Any, _position: Any, _value: Any) -> Any:
    """Write an integer at a position of an int32 array known by its address."""

    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        from llvmlite import ir

        builder.store(builder.trunc(arguments[2], ir.IntType(32)), _pointer(builder, arguments, 32))
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), generate


@intrinsic
def _low_bit(_context: Any, _word: Any) -> Any:
    """The position of the lowest bit of a word that is not 0."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        from llvmlite import ir

        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), generate


@intrinsic
def _void_pointer(_context: Any, _address: Any) -> Any:
    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], context.get_value_type(types.voidptr))

    return types.voidptr(types.int64), generate


_pointer_to = cast("Callable[[int], Any]", _void_pointer)
_array_at: Any = vars(numba)["carray"]


@inlined
def ints(address: int, count: int) -> Any:
    """An int64 array known by its address, as an array."""
    return _array_at(_pointer_to(address), (count,), np.int64)


def _place(builder: Any, arguments: Any, size: int) -> Any:
    from llvmlite import ir

    return builder.add(arguments[0], builder.mul(arguments[1], ir.Constant(ir.IntType(64), size)))


def _pointer(builder: Any, arguments: Any, bits: int) -> Any:
    from llvmlite import ir

    return builder.inttoptr(_place(builder, arguments, bits // 8), ir.IntType(bits).as_pointer())


@intrinsic
def _high_half(_context: Any, _left: Any, _right: Any) -> Any:
    """The high 64 bits of the product of two unsigned 64-bit integers, which Python's numba cannot write."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        from llvmlite import ir

        wide, word = ir.IntType(128), ir.IntType(64)
        left, right = (builder.zext(argument, wide) for argument in arguments)
        product = builder.mul(left, right)
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), word)

    return types.uint64(types.uint64, types.uint64), generate


# what the compiler knows by its own type, under the types of Python
int_at = cast("Callable[[int, int], int]", _int_at)
put_int = cast("Callable[[int, int, int], None]", _put_int)
short_at = cast("Callable[[int, int], int]", _short_at)
put_short = cast("Callable[[int, int, int], None]", _put_short)
low_bit = cast("Callable[[int], int]", _low_bit)
high_half = cast("Callable[[np.uint64, np.uint64], np.uint64]", _high_half)


@inlined
def signed(value: Any) -> int:
    """A number of any width as a signed 64-bit integer: unsigned and signed ones must not meet."""
    return np.int64(value)  # type: ignore[return-value]
