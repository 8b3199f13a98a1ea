"""The processes of a run: how each begins and ends, and what memory it keeps."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, Final, TypeVar

Found = TypeVar("Found")

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


def begin() -> None:
    """Called first in each process."""
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
def pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that begin like those of a run; they end at once where the block is left by an error."""
    executor = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), begin)
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
