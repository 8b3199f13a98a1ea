"""A run stopped in any way, or beside another one, or in any order, gives the bytes of one left in peace."""

import errno
import json
import os
import random
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from kept_runs import (
    Backwards,
    command,
    kept,
    small,
    started,
    strangers,
    wait_for_the_end_of,
    wait_for_units,
    written,
)

from cepsim.errors import StoreError
from cepsim.experiment import run_scenarios
from cepsim.experiment.store import Store
from cepsim.labels.messages import message
from cepsim.people.handover import Handed

REPLICATIONS, FEW = 5, 3
LONG = bool(os.environ.get("CEPSIM_LONG"))
pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")


@pytest.fixture(scope="module")
def planned():
    return small("94", replications=REPLICATIONS)


@pytest.fixture(scope="module")
def in_peace(planned, tmp_path_factory) -> Path:
    """The store and the results of a run in one process that nothing disturbed."""
    folder = tmp_path_factory.mktemp("in_peace")
    store = Store(folder / "store")
    results = run_scenarios(planned, workers=1, store=store)
    results.write(folder / "out")
    assert len(store.named()) == REPLICATIONS
    return folder


@pytest.fixture(scope="module")
def expected(in_peace) -> dict[str, bytes]:
    return kept(Store(in_peace / "store"))


@pytest.fixture(scope="module")
def a_few(planned):
    """The first replications of the plan: the same units as in the whole."""
    return replace(planned, replications=FEW)


@pytest.fixture(scope="module")
def expected_few(expected) -> dict[str, bytes]:
    abouts = {
        path.parts[0]: json.loads(expected[str(path)])
        for path in map(Path, expected)
        if path.suffix == ".json"
    }
    few = {key for key, document in abouts.items() if document["about"]["replication"] < FEW}
    return {name: content for name, content in expected.items() if name.partition("/")[0] in few}


@pytest.fixture(scope="module")
def stopped(tmp_path_factory) -> Path:
    """A folder where a run of two processes was stopped by Ctrl-C, which reaches every one of them."""
    folder = tmp_path_factory.mktemp("stopped")
    with started(command(folder, 2, REPLICATIONS), hash_seed=1) as process:
        wait_for_units(process, Store(folder / "store"), 1)
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate()
        (folder / "said").write_text("".join(said), encoding="utf-8")
        assert process.returncode == 4
        wait_for_the_end_of(process.pid)
    return folder


def test_ctrl_c_says_how_to_go_on_and_leaves_nothing_but_whole_units(stopped, expected):
    assert (stopped / "said").read_text(encoding="utf-8") == (
        "Interrompu. Ce qui était fini est gardé : relancez la même commande pour reprendre.\n"
    )
    assert sorted(path.name for path in stopped.iterdir()) == ["said", "store"]
    store = Store(stopped / "store")
    # what a process was writing when it was ended is under a partial name, which nobody reads
    assert set(strangers(store)) <= {thing.name for thing in store.removable()}
    assert 1 <= len(store.named()) < REPLICATIONS
    assert kept(store).items() < expected.items()


@pytest.mark.parametrize("seed", range(8 if LONG else 1))
def test_a_run_stopped_then_killed_then_run_again_ends_with_the_same_bytes(
    planned, in_peace, expected, stopped, tmp_path, seed
):
    shutil.copytree(stopped / "store", tmp_path / "store")
    store, drawn = Store(tmp_path / "store"), random.Random(seed)
    for workers in (2, 1, 1) if LONG else (2,):
        done = len(store.named())
        if done + 1 >= REPLICATIONS:
            break
        with started(command(tmp_path, workers, REPLICATIONS), hash_seed=seed + 2) as process:
            wait_for_units(process, store, done + 1)
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(drawn.uniform(0, 0.3))
            os.killpg(process.pid, signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL
        wait_for_the_end_of(process.pid)
        assert not (tmp_path / "out").exists()
    left = strangers(store)
    assert left, "the folder that the run kept for itself is there"
    assert set(left) <= {thing.name for thing in store.removable() if thing.cause == "unfinished"}
    run_scenarios(planned, workers=1, store=store).write(tmp_path / "out")
    assert kept(store) == expected
    assert written(tmp_path / "out") == written(in_peace / "out")
    assert store.damaged == []
    assert strangers(store) == left
    store.clean(store.removable())
    assert strangers(store) == []
    assert kept(store) == expected


def test_two_runs_at_once_on_one_store_give_the_same_bytes(a_few, expected_few, tmp_path):
    store = Store(tmp_path / "store")
    with started(command(tmp_path, 1, FEW), hash_seed=3) as process:
        # the other one is at its second unit, which both then do
        wait_for_units(process, store, 1)
        run_scenarios(a_few, workers=1, store=Store(tmp_path / "store"))
        wait_for_units(process, store, FEW)
    assert kept(store) == expected_few
    assert store.damaged == []


def test_tasks_done_in_another_order_give_the_same_bytes(a_few, expected_few, tmp_path):
    store = Store(tmp_path)
    with Backwards() as executor:
        run_scenarios(a_few, store=store, executor=executor)
    assert executor.order != sorted(executor.order)
    assert kept(store) == expected_few
    assert strangers(store) == []


# -- the disk ----------------------------------------------------------------------------------------------


def test_a_disk_that_fills_halfway_is_told_keeps_what_is_done_and_the_run_goes_on_once_there_is_room(
    a_few, expected_few, tmp_path, monkeypatch
):
    store, sync = Store(tmp_path), os.fsync

    def fill(file: int) -> None:
        if len(store.named()) == 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(file)

    monkeypatch.setattr(os, "fsync", fill)
    with pytest.raises(StoreError) as caught:
        run_scenarios(a_few, workers=1, store=store)
    monkeypatch.undo()
    assert caught.value.exit_code == 1
    said = message(caught.value, "fr")
    assert said.startswith(f"{tmp_path} : plus de place sur le disque : impossible de garder reference")
    assert "Les unités déjà là sont gardées (1). Libérez de la place" in said
    assert len(store.named()) == 1
    assert strangers(store) == []
    run_scenarios(a_few, workers=1, store=store)
    assert kept(store) == expected_few


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """A small disk, or none where this process may not make one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "none", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_disk_that_fills_during_a_run_is_told_in_french_and_a_larger_one_ends_it(
    a_few, expected_few, small_disk
):
    store = Store(small_disk / "store")
    with started(command(small_disk, 1, FEW)) as process:
        wait_for_units(process, store, 1)
        _fill(small_disk)
        out, err = process.communicate()
    assert (process.returncode, out) == (1, "")
    assert err.startswith(f"Erreur : {small_disk / 'store'} : plus de place sur le disque : impossible de")
    assert f"Les unités déjà là sont gardées ({len(store.named())}). Libérez de la place" in err
    assert err.count("\n") == 1
    assert 1 <= len(store.named()) < FEW
    assert strangers(store) == []
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    run_scenarios(a_few, workers=1, store=store)
    assert kept(store) == expected_few


def _fill(disk: Path) -> None:
    with (disk / "full").open("wb") as file, suppress(OSError):
        while True:
            file.write(bytes(1 << 16))
            file.flush()


def test_what_a_platform_cannot_leave_to_its_regions_is_told_in_french(tmp_path, monkeypatch):
    def full(_self, path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(Handed, "save", full)
    with pytest.raises(StoreError) as caught:
        run_scenarios(small("74", "94", replications=1), workers=1, store=Store(tmp_path))
    assert message(caught.value, "fr").startswith(
        f"{tmp_path} : plus de place sur le disque : impossible de laisser ce que "
        "pole_emploi.first_line.telephone.national transmet à ses régions."
    )
    assert strangers(Store(tmp_path)) == []
