"""A run on a Dask cluster: the same bytes, whoever dies; a cluster that may not work for it is refused."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from kept_runs import kept, small, strangers

from cepsim.errors import CepsimError, InputError, Interrupted
from cepsim.experiment import cluster as on_cluster
from cepsim.experiment import run_scenarios
from cepsim.experiment.cluster import Wanted, cluster
from cepsim.experiment.store import Store
from cepsim.experiment.unit import program
from cepsim.labels.messages import message

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")


def dask(*words: str) -> subprocess.Popen[bytes]:
    """A command of Dask, in a current folder of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *words, "--no-dashboard"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
    )


@pytest.fixture
def address(tmp_path) -> Iterator[str]:
    """A scheduler and two workers, started as the documentation says; a worker that dies is not replaced."""
    file = tmp_path / "scheduler.json"
    words = ("--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))
    processes = [dask("scheduler", *words)]
    try:
        while not file.exists():
            assert processes[0].poll() is None
            time.sleep(0.05)
        found = json.loads(file.read_text(encoding="utf-8"))["address"]
        for _ in range(2):
            processes.append(dask("worker", found, "--nthreads", "1", "--no-nanny", "--host", "127.0.0.1"))
        with distributed.Client(found, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=120)
        yield found
    finally:
        for process in reversed(processes):
            process.kill()
            process.wait()


def test_a_cluster_gives_the_same_bytes_though_a_worker_is_killed_halfway_and_says_when_none_is_left(
    address, tmp_path, monkeypatch
):
    planned = small("74", "94", replications=2)
    alone = Store(tmp_path / "alone")
    expected = run_scenarios(planned, workers=1, store=alone)
    store, killed = Store(tmp_path / "store"), []

    def kill_a_busy_worker(now) -> None:
        busy = [worker for worker, tasks in client.processing().items() if tasks]
        # between two tasks nobody is busy: the next time that something is told will do
        if 1 <= now.units_done < now.units - 1 and busy and not killed:
            killed.append(busy[0])
            os.kill(pids[busy[0]], signal.SIGKILL)

    with distributed.Client(address, set_as_default=False) as client:
        pids = client.run(os.getpid)
        with cluster(address, planned, store) as executor:
            found = run_scenarios(planned, store=store, executor=executor, report=kill_a_busy_worker)
        assert len(killed) == 1
        assert len(client.nthreads()) == 1
        assert kept(store) == kept(alone)
        assert strangers(store) == []
        for ours, theirs in zip(found.measured["reference"], expected.measured["reference"], strict=True):
            assert ours.counts.equals(theirs.counts)
            assert ours.quantities.equals(theirs.quantities)

        more = replace(planned, seed=3)

        def stop(now) -> None:
            if now.units_done == 1:
                raise KeyboardInterrupt

        with pytest.raises(Interrupted), cluster(address, more, store) as executor:
            run_scenarios(more, store=store, executor=executor, report=stop)
        while any(client.processing().values()):  # what had begun goes on to its end
            time.sleep(0.05)
        assert client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)) == 0
        assert strangers(store) == []

        monkeypatch.setattr(on_cluster, "ALONE_FOR", 1)
        other = replace(planned, seed=2)
        (last,) = client.nthreads()

        def kill_the_last(_now) -> None:
            if last in client.nthreads():
                os.kill(pids[last], signal.SIGKILL)

        with pytest.raises(CepsimError) as caught, cluster(address, other, store) as executor:
            run_scenarios(other, store=store, executor=executor, report=kill_the_last)
        assert message(caught.value, "fr").startswith(
            "le cluster n'a plus aucun processus depuis 1 s ; ce qui"
        )
        assert caught.value.exit_code == 1
        assert kept(store).items() >= kept(alone).items()


def test_workers_that_run_another_program_are_refused_and_so_is_a_lost_scheduler_told(
    address, tmp_path, monkeypatch
):
    planned, store = small("94", replications=1), Store(tmp_path / "store")
    with monkeypatch.context() as patch:
        patch.setattr(on_cluster, "program", lambda: "cepsim of old")
        with pytest.raises(InputError) as caught, cluster(address, planned, store):
            pass
    workers = [problem for problem in caught.value.problems if problem.file != address]
    assert len(workers) == 2
    assert {problem.found for problem in workers} == {program()}
    assert "attendu le programme qui tourne ici, « cepsim of old ». Relancez-le" in message(
        caught.value, "fr"
    )
    assert (store.named(), strangers(store)) == ([], [])

    with pytest.raises(CepsimError) as lost, cluster(address, planned, store) as executor:
        with distributed.Client(address, set_as_default=False) as client:
            pid = client.run_on_scheduler(os.getpid)
        future = executor.submit(time.sleep, 600)
        os.kill(pid, signal.SIGKILL)
        future.result()
    assert message(lost.value, "fr").startswith(
        "l'ordonnanceur du cluster s'est arrêté ou n'est plus joignable"
    )


@pytest.fixture
def worker() -> SimpleNamespace:
    return SimpleNamespace(address="tcp://10.0.0.7:4000", state=SimpleNamespace(nthreads=1))


def test_a_worker_that_is_as_wanted_is_taken(worker, tmp_path):
    Wanted.shown_in(tmp_path).check(worker)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (
            lambda worker, _folder: setattr(worker.state, "nthreads", 8),
            "trouvé 8, attendu un seul fil d'exécution. Lancez-le avec --nthreads 1",
        ),
        (
            lambda _worker, folder: (folder / "token").unlink(),
            "trouvé aucun fichier ou dossier de ce nom, attendu un processus qui lise et écrive",
        ),
        (
            lambda _worker, folder: (folder / "token").write_text("of another disk", encoding="utf-8"),
            "trouvé « of another disk », attendu un processus qui lise et écrive",
        ),
    ],
)
def test_a_worker_with_several_threads_or_another_disk_is_refused(worker, tmp_path, spoil, said):
    wanted = Wanted.shown_in(tmp_path)
    spoil(worker, tmp_path)
    with pytest.raises(InputError) as caught:
        wanted.check(worker)
    assert message(caught.value, "fr").startswith(f"tcp://10.0.0.7:4000 : {said}")


def test_workers_that_die_on_the_same_task_are_told_with_what_to_do(tmp_path, monkeypatch):
    from distributed.scheduler import KilledWorker

    monkeypatch.setattr(on_cluster, "_connected", lambda _address: FakeClient())
    monkeypatch.setattr(on_cluster, "_check", lambda *_: None)
    last = SimpleNamespace(address="tcp://10.0.0.7:4000")
    with pytest.raises(CepsimError) as caught, cluster("x", small("94", replications=1), Store(tmp_path)):
        raise KilledWorker("task", last, 3)
    assert message(caught.value, "fr") == (
        "une part du calcul est abandonnée, peut-être faute de mémoire ; processus du cluster morts en la "
        "calculant : 4, le dernier étant tcp://10.0.0.7:4000. Ce qui était fini est gardé. Lancez moins de "
        "processus par machine, puis relancez la même commande."
    )


class FakeClient:
    """A client that does nothing."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def submit(self, *_words, **_options):
        return None

    def get_executor(self, **_options):
        return SimpleNamespace(shutdown=lambda **_: None)


def test_a_store_in_a_relative_folder_is_not_for_a_cluster():
    with pytest.raises(ValueError, match="must be absolute"), cluster("x", None, Store(Path("kept"))):
        pass
