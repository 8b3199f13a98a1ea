"""The processes of a run: how each begins and ends, and what memory it keeps."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from typing import Any, Final, TypeVar

Found = TypeVar("Found")

#: Processes that may ask at once for what is given.
_AT_ONCE: Final = 64
#: Seconds that a giver has to end once nobody asks any more.
_PATIENCE_S: Final = 10.0
_VARIABLE: Final = "GLIBC_TUNABLES"
#: What glibc is told before a process starts: to take memory in huge pages and to keep what is freed. Arrays
#: of hundreds of MiB come and go, and touching pages anew took a quarter of the time of a country where the
#: system gives memory slowly. Others do not read it.
_ALLOCATOR: Final = ":".join(
    f"glibc.malloc.{name}={value}"
    for name, value in (("hugetlb", 1), ("mmap_max", 0), ("trim_threshold", 1 << 40), ("top_pad", 1 << 26))
)


@contextmanager
def keeping_memory() -> Iterator[None]:
    """Processes that start meanwhile keep the memory that they free, unless the user said otherwise."""
    if _VARIABLE in os.environ:
        yield
        return
    os.environ[_VARIABLE] = _ALLOCATOR
    try:
        yield
    finally:
        del os.environ[_VARIABLE]


@contextmanager
def given(thing: object) -> Iterator[str]:
    """The address at which the processes of this run are given a thing, with `taken`, as long as it lasts.

    Through multiprocessing, which opens a line to its own processes alone: they share a secret. Nothing is
    written that somebody else could replace.
    """
    over = threading.Event()
    with Listener(backlog=_AT_ONCE, authkey=multiprocessing.current_process().authkey) as listener:

        def give() -> None:
            while not over.is_set():
                # a process that was killed, or a stranger, is given nothing
                with suppress(OSError, EOFError, AuthenticationError), listener.accept() as line:
                    if not over.is_set():
                        line.send(thing)

        giver = threading.Thread(target=give, daemon=True)
        giver.start()
        try:
            yield str(listener.address)
        finally:
            over.set()
            # wakes the giver and proves nothing: it may be gone already, and would never answer
            with suppress(OSError):
                Client(str(listener.address)).close()
            # one that could not be woken ends with the process
            giver.join(_PATIENCE_S)


def taken() -> Any:
    """What the process that began this one gives; None where it gives nothing, or no more."""
    if not _address:
        return None
    try:
        with _line(_address[0]) as line:
            return line.recv()
    except (OSError, EOFError, AuthenticationError):
        return None


#: Where this process is given what others have made for it.
_address: list[str] = []


def _line(address: str) -> Connection:
    return Client(address, authkey=multiprocessing.current_process().authkey)


def begin(address: str = "") -> None:
    """Called first in each process; `address` is that of `given`, if something is."""
    _address[:] = [address] if address else []
    # Ctrl-C reaches every process of the terminal: the parent alone answers it, and ends the others
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A parent that was killed ends nobody: its workers see to it themselves."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def pool(workers: int, address: str = "") -> Iterator[ProcessPoolExecutor]:
    """Processes that begin like those of a run; they end at once where the block is left by an error.

    `address` is that of what is `given` to them.
    """
    executor = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), begin, (address,))
    try:
        with keeping_memory():
            yield executor
    except BaseException:
        # a task may take minutes, and what it writes is there whole or not at all
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        executor.shutdown(cancel_futures=True)


def apart(work: Callable[..., Found], *given: Any) -> Found:
    """What a function returns in a process of its own."""
    with pool(1) as executor:
        return executor.submit(work, *given).result()
