"""Running a plan on a Dask cluster: the same tasks, in processes of any machines.

    with cluster("tcp://10.0.0.1:8786", planned, store) as executor:
        results = run_scenarios(planned, store=store, executor=executor)

Dask places the tasks and, when a worker dies, has another one do them: nothing here schedules. What is
made sure of is that a worker runs the very same program, since what it finds is kept under a key that says
so; that it sees the folder of the store, where units are kept and where platforms leave what they hand to
regions; and that it does one task at a time.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, TypeVar

from cepsim.errors import CepsimError, InputError
from cepsim.experiment.plan import Plan
from cepsim.experiment.store import Store
from cepsim.experiment.unit import program

if TYPE_CHECKING:
    from distributed import Client, Worker

#: Seconds within which a scheduler must answer, and then within which it must have a worker.
ANSWERS_WITHIN: Final = 10
#: How many times a task that fails is tried again, since a shared disk may fail for a moment. A worker's
#: death is not counted: Dask gives its tasks to others, until its `allowed-failures` (3) and one more died.
RETRIES: Final = 1
#: Seconds without any worker after which a run ends rather than wait, as Dask would, for ever.
ALONE_FOR: Final = 60
#: Where errors say that they were found: `--cluster` on the command line.
_PLACE: Final = "cluster"
_SAME_PROGRAM: Final = "Start it again with the cepsim and the libraries that run here."

_Result = TypeVar("_Result")


@contextmanager
def cluster(address: str, planned: Plan, store: Store) -> Iterator[Executor]:
    """An executor for `run_scenarios` whose workers are those of the Dask scheduler at `address`.

    `store` is that of the run, in an absolute folder, since workers have current folders of their own.
    Raises InputError if distributed is not installed, if no scheduler or no worker answers, or if one of them
    may not work for this run; later, CepsimError when the cluster cannot go on. Tasks that have not begun
    when it ends are cancelled; those that have go on to their end where they are, and what they find is kept.
    """
    if not store.folder.is_absolute():
        raise ValueError(f"workers cannot find {store.folder}: the folder of the store must be absolute")
    with _connected(address) as client, store.scratch() as folder:
        from distributed.comm.core import CommClosedError
        from distributed.scheduler import KilledWorker

        wanted = Wanted.shown_in(folder)
        _check(client, address, wanted)
        executor = _Cluster(client, planned, wanted)
        try:
            yield executor
        except KilledWorker as killed:
            raise CepsimError(
                "a part of the run was given up, perhaps for lack of memory: workers of the cluster that "
                f"died on it: {killed.allowed_failures + 1}, the last one {killed.last_worker.address}. What "
                "was finished is kept. Start fewer workers on each machine, then run the same command again."
            ) from killed
        except (CancelledError, CommClosedError) as lost:
            if executor.is_alone:
                raise CepsimError(
                    f"no worker of the cluster has been left for {ALONE_FOR} s; what was finished is kept. "
                    "Start workers again, then run the same command again."
                ) from lost
            raise CepsimError(
                "the scheduler of the cluster stopped or cannot be reached any more; what was finished is "
                "kept. Start it again, then run the same command again."
            ) from lost
        finally:
            executor.shutdown(wait=False)


class _Cluster(Executor):
    """Dask's executor, whose workers are checked at each task, and to which the plan is sent once.

    The plan is half a megabyte of tables. It is the result of a task of its own rather than scattered, so
    that Dask makes it again when the workers that hold it die.
    """

    def __init__(self, client: Client, planned: Plan, wanted: Wanted) -> None:
        # each task is one of its own: with `pure`, Dask would look for its like among all that it has done
        self._executor = client.get_executor(pure=False, retries=RETRIES)
        self._client, self._planned, self._wanted = client, planned, wanted
        self._held = client.submit(_same, planned, pure=False, retries=RETRIES)
        self._over = threading.Event()
        #: Whether the run was ended because no worker was left.
        self.is_alone = False
        threading.Thread(target=self._end_if_alone, daemon=True).start()

    def submit(self, function: Callable[..., _Result], /, *words: Any, **options: Any) -> Future[_Result]:
        """Have a worker call a function."""
        sent = (self._held if word is self._planned else word for word in words)
        future: Future[_Result] = self._executor.submit(_checked, self._wanted, function, *sent, **options)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more tasks; unless `wait`, cancel those that have not begun."""
        self._over.set()
        self._executor.shutdown(wait=wait and not cancel_futures)

    def _end_if_alone(self) -> None:
        seen = monotonic()
        while not self._over.wait(ALONE_FOR / 10):
            # a client that is closing, or that has lost its scheduler, cancels its tasks by itself
            with suppress(OSError, RuntimeError, ValueError):
                if self._client.nthreads():
                    seen = monotonic()
                elif monotonic() - seen > ALONE_FOR:
                    self.is_alone = True
                    self.shutdown(wait=False)


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    """A client of the scheduler at an address. Raises InputError."""
    try:
        import distributed
    except ImportError as error:
        raise InputError(
            file=_PLACE,
            found=address,
            expected="the package distributed, which is not installed",
            remedy='Install it: python -m pip install "cepsim[cluster]".',
        ) from error
    # what it logs, tracebacks included, is said by the errors raised here
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        asyncio.run(asyncio.wait_for(_answer(address), ANSWERS_WITHIN))
    # whoever listens there may say anything at all
    except Exception as error:
        raise InputError(
            file=_PLACE,
            found=address,
            expected=f"the address of a Dask scheduler that answers within {ANSWERS_WITHIN} s",
            remedy="`dask scheduler` prints its own, such as tcp://192.168.0.1:8786.",
        ) from error
    client = distributed.Client(address, timeout=ANSWERS_WITHIN, set_as_default=False)
    try:
        yield client
    finally:
        with suppress(OSError):  # from a scheduler that is gone
            client.close(timeout=ANSWERS_WITHIN)


async def _answer(address: str) -> None:
    """Ask a scheduler who it is; a client of one that does not answer would wait longer, at its end too."""
    from distributed.comm.core import connect
    from distributed.core import send_recv
    from distributed.security import Security

    comm = await connect(address, timeout=ANSWERS_WITHIN, **Security().get_connection_args("client"))
    try:
        await send_recv(comm, op="identity", n_workers=0)
    finally:
        comm.abort()


def _check(client: Client, address: str, wanted: Wanted) -> None:
    """Make sure that the scheduler and every worker may work for a run. Raises InputError."""
    try:
        client.wait_for_workers(1, timeout=ANSWERS_WITHIN)
    except TimeoutError as error:
        raise InputError(
            file=_PLACE,
            found=address,
            expected=f"a scheduler that has a worker within {ANSWERS_WITHIN} s",
            remedy="Start some on each machine: dask worker ADDRESS --nworkers -1 --nthreads 1.",
        ) from error
    problems: list[InputError] = []
    # the scheduler opens what passes through it
    try:
        found = client.run_on_scheduler(program)
    except Exception as error:  # noqa: BLE001
        found = error
    if found != wanted.program:
        problems.append(_other_program(address, found, wanted))
    for worker, problem in client.run(_look, wanted, on_error="return").items():
        if isinstance(problem, InputError):
            problems.append(problem)
        elif problem is not None:
            problems.append(_other_program(worker, problem, wanted))
    if problems:
        raise InputError.together(problems)


def _other_program(address: str, found: object, wanted: Wanted) -> InputError:
    return InputError(
        file=address,
        found=str(found),
        expected=f'the program that runs here, "{wanted.program}"',
        remedy=_SAME_PROGRAM,
    )


# -- on the workers ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a worker must be and see to work for a run: its program, and a file that holds these words."""

    program: str
    file: Path
    words: str

    @classmethod
    def shown_in(cls, folder: Path) -> Wanted:
        """What this process is, and a file put in a folder of the store."""
        wanted = cls(program(), folder / "token", secrets.token_hex(16))
        wanted.file.write_text(wanted.words, encoding="utf-8")
        return wanted

    def check(self, worker: Worker) -> None:
        """Make sure that the process that calls this, a worker, may work for the run. Raises InputError."""
        if program() != self.program:
            raise _other_program(worker.address, program(), self)
        if worker.state.nthreads != 1:
            raise InputError(
                file=worker.address,
                found=worker.state.nthreads,
                expected="one thread",
                remedy="Start it with --nthreads 1, and with --nworkers -1 for a process a core.",
            )
        try:
            seen = self.file.read_text(encoding="utf-8")
            with TemporaryFile(dir=self.file.parent):
                pass
        except OSError as error:
            seen = error.strerror or type(error).__name__
        if seen != self.words:
            raise InputError(
                file=worker.address,
                found=seen,
                expected=f'a worker that reads and writes "{self.file.parent.parent}" as this machine does',
                remedy="Choose for the store a folder that every machine shares.",
            )


def _look(wanted: Wanted, dask_worker: Worker | None = None) -> None:
    """Check the worker that calls this: Dask gives it under this name."""
    if dask_worker is not None:
        wanted.check(dask_worker)


def _checked(wanted: Wanted, function: Callable[..., _Result], *words: Any) -> _Result:
    """Do a task, in a worker that may have come after the others were checked. Raises InputError."""
    from distributed import get_worker

    wanted.check(get_worker())
    return function(*words)


def _same(planned: Plan) -> Plan:
    """What makes a plan the result of a task."""
    return planned
