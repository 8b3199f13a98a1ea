"""Small runs, what they leave in a store, and what they write: compared byte for byte."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from cepsim.experiment import Plan, plan
from cepsim.experiment.store import Store

#: The dates of a unit, and the checksum of a document that holds one.
_DATED = ("written", "sha256")


def small(*regions: str, replications: int) -> Plan:
    """`reference` for a year, without the year after."""
    return plan(["reference"], regions=regions, replications=replications, years=1, follow_up_years=0)


def command(folder: Path, workers: int, replications: int) -> list[str]:
    """The command of `small` in Corse: its store and its results go to a folder."""
    words = ["run", "reference", "--region", "94", "--years", "1", "--follow-up", "0", "--quiet"]
    places = ["--store", str(folder / "store"), "--out", str(folder / "out")]
    return [*words, "--replications", str(replications), "--workers", str(workers), *places]


def kept(store: Store) -> dict[str, bytes]:
    """Every file of every unit of a store, dates apart; each unit is verified."""
    found = {}
    for key in store.named():
        assert store.problem(key) == ""
        for path in (store.folder / key).iterdir():
            content = path.read_bytes()
            if path.suffix == ".json":
                document = json.loads(content)
                content = json.dumps({k: v for k, v in document.items() if k not in _DATED}).encode()
            found[f"{key}/{path.name}"] = content
    return found


def written(folder: Path) -> dict[str, bytes]:
    """Every file of a folder of results."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def strangers(store: Store) -> list[str]:
    """What stands in a store besides its units and what it says of itself."""
    names = {*store.named(), "README.md"}
    return sorted(path.name for path in store.folder.iterdir() if path.name not in names)


def heed_ctrl_c() -> None:
    """In a child about to run a command: a shell that runs the tests behind its back has it ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def started(words: Sequence[str], hash_seed: int = 0) -> Iterator[subprocess.Popen[str]]:
    """The command line in a process group of its own, which is gone at the end, pipes closed."""
    environment = os.environ | {"PYTHONIOENCODING": "utf-8", "PYTHONHASHSEED": str(hash_seed)}
    process = subprocess.Popen(
        [sys.executable, "-m", "cepsim", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment,
        start_new_session=True,
        preexec_fn=heed_ctrl_c,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def wait_for_units(process: subprocess.Popen[str], store: Store, count: int) -> None:
    """Wait until a store holds so many units; the process that makes them must still run then."""
    while len(store.named()) < count:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


def wait_for_the_end_of(group: int) -> None:
    """Wait until no process of a group is left, those that multiprocessing starts for itself included."""
    for _ in range(6000):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)
    raise AssertionError(f"processes of the group {group} go on")


class Backwards(ThreadPoolExecutor):
    """Does one task after the other, the last that it was given first."""

    def __init__(self) -> None:
        super().__init__(max_workers=1)
        self.left, self.order = [], []

    def submit(self, function, /, *words):
        future: Future = Future()
        self.left.append((future, function, words))
        super().submit(self._do_one)
        return future

    def _do_one(self) -> None:
        future, function, words = self.left.pop()
        try:
            (task,) = words[-1]
            self.order.append(task.replication)
            future.set_result(function(*words))
        except BaseException as error:  # noqa: BLE001 - told to whoever waits, as any executor does
            future.set_exception(error)
