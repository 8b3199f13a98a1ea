"""The store of finished units: what comes back is what was put, or nothing, whatever befell the disk."""

import errno
import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from deployments import crowd, deployment, desk, scenario, tables
from stored import ABOUT, documented, key_of, measured, put_for_ever, put_many, same

from cepsim.costing.quantities import DIMENSIONS
from cepsim.engine.simpy_engine import run
from cepsim.errors import StoreError
from cepsim.experiment import unit as unit_module
from cepsim.experiment import unit_files
from cepsim.experiment.pipeline import warm_up_scenario
from cepsim.experiment.store import Damage, Store
from cepsim.experiment.unit import Unit, program
from cepsim.indicators import count
from cepsim.indicators.counts import MEASURES_OF
from cepsim.indicators.outcomes import COLUMNS, no_outcomes
from cepsim.people.by_hand import Arrivals, make_tape

KEY = "0123456789abcdef" * 2
OTHER = "f" * 32
FILES = [*(f"{name}.parquet" for name in (*MEASURES_OF, "quantities")), "about.json"]
DAY = 86_400


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "kept")


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("written")
    Store(folder).put(KEY, measured(), ABOUT)
    return folder


@pytest.fixture
def full(store: Store, written: Path) -> Store:
    """A store that holds one unit."""
    shutil.copytree(written, store.folder)
    return store


def partials(store: Store) -> list[Path]:
    return list(store.folder.glob(".partial-*"))


# -- what comes back ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [0, 1, 500])
def test_a_unit_comes_back_exactly_as_it_was_put(store, rows):
    put = measured(rows=rows)
    store.put(KEY, put, ABOUT)
    assert same(store.get(KEY), put)
    assert (store.damaged, partials(store)) == ([], [])


def test_outcomes_come_back_apart_from_the_unit_whose_files_they_are(full):
    put = replace(measured(), outcomes=no_outcomes())
    full.put(OTHER, put, ABOUT)
    assert full.outcomes(OTHER).equals(no_outcomes())
    assert full.get(OTHER).outcomes is None
    with pytest.raises(StoreError, match=r"outcomes\.parquet was not written"):
        full.outcomes(KEY)
    (full.folder / OTHER / "outcomes.parquet").write_bytes(b"PAR1")
    assert full.get(OTHER) is None
    assert [found.reason for found in full.damaged] == ["outcomes.parquet does not match its checksum"]


def test_a_key_never_put_gives_nothing(store, full):
    assert Store(store.folder / "elsewhere").get(KEY) is None
    assert full.get(OTHER) is None
    assert full.damaged == []


def test_a_unit_put_twice_is_kept_as_it_was(full):
    before = (full.folder / KEY / "about.json").read_bytes()
    full.put(KEY, measured(), ABOUT)
    assert (full.folder / KEY / "about.json").read_bytes() == before
    assert partials(full) == []


def test_a_unit_is_not_put_without_what_entries_say_of_it(store):
    with pytest.raises(ValueError, match="without its shard, seed"):
        store.put(KEY, measured(), {"scenario": "central", "replication": 0})
    assert not store.folder.exists()


def test_any_reader_of_parquet_reads_the_tables(full):
    frame = pd.read_parquet(full.folder / KEY / "losses.parquet")
    assert frame.equals(measured().counts.losses)
    about = json.loads((full.folder / KEY / "about.json").read_text(encoding="utf-8"))
    assert about["about"] == ABOUT
    assert about["files"]["losses.parquet"]["rows"] == len(frame)
    assert sorted(path.name for path in (full.folder / KEY).iterdir()) == sorted(FILES)


def test_entries_have_one_row_a_unit_in_order(full):
    full.put(OTHER, measured(2), {**ABOUT, "scenario": "actuel", "replication": 0})
    entries = full.entries()
    assert entries["key"].tolist() == [OTHER, KEY]
    assert entries.loc[1, ["scenario", "replication", "shard", "seed", "people", "visits"]].tolist() == [
        "central", 3, "94", 2013, 1001, 5001,
    ]  # fmt: skip
    size = sum(path.stat().st_size for path in (full.folder / KEY).iterdir())
    assert entries.loc[1, "bytes"] == size
    assert abs(pd.Timestamp.now("UTC") - entries.loc[1, "written"]) < pd.Timedelta(minutes=5)
    none = Store(full.folder / "nowhere").entries()
    assert none.empty
    assert none.dtypes.equals(entries.dtypes)


# -- the documentation -------------------------------------------------------------------------------------


def test_every_table_is_documented_with_the_columns_that_a_run_counts():
    network = desk()
    where = deployment(network, stations=[("opacif", "accueil")], teams=[("opacif", "advisers", "53")])
    tape = make_tape(network, [Arrivals("accueil", np.arange(5) * DAY, lane="53")], seed=1)
    trace, state = run(network, tape, None, 0, where.horizon.observed)
    counted = count(where, crowd([0] * tape.person_count), trace, state)
    said = documented()
    assert list(said) == [*MEASURES_OF, "quantities"]
    for name, table in counted.tables.items():
        assert [*said[name][0], *MEASURES_OF[name]] == list(table.columns)
        assert all(measure in said[name][1] for measure in MEASURES_OF[name])
    assert tuple(said["quantities"][0]) == DIMENSIONS


def test_a_store_says_what_it_holds_and_mends_what_it_says(full):
    readme = full.folder / "README.md"
    words = readme.read_text(encoding="utf-8")
    for name in COLUMNS:
        assert f"`{name}`" in words.partition("## Outcomes")[2].partition("## ")[0]
    for name in {column for keys, _ in documented().values() for column in keys}:
        assert f"| {name} |" in words
    readme.write_text("cut", encoding="utf-8")
    full.put(OTHER, measured(), ABOUT)
    assert readme.read_text(encoding="utf-8") == words


# -- keys --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def unit() -> Unit:
    central = scenario("central")
    return Unit(central, warm_up_scenario(central, tables()), tables(), ("94", "53"), 2013, 3, "94")


def test_a_key_is_the_same_each_time_and_names_a_folder(unit):
    assert unit.key == replace(unit).key
    assert len(unit.key) == 32
    assert set(unit.key) <= set("0123456789abcdef")
    assert unit.about == {**ABOUT, "tables_sha256": tables().digest}


def test_a_key_does_not_depend_on_the_words_of_a_scenario(unit):
    named = unit.scenario.derive({}, name="autrement", tables=tables())
    titled = named.model_copy(update={"title": scenario("reference").title})
    assert replace(unit, scenario=titled).key == unit.key


def test_a_key_differs_when_anything_that_determines_the_result_does(unit, monkeypatch):
    def changed(of, name, value):
        return of.derive({name: value}, tables=tables())

    id_ = "stages.accueil.p_conseil.salaries.all.actuelle.all"
    figure = tables().figure(id_)
    overridden = tables().with_overrides({id_: replace(figure, mode=(figure.low + figure.mode) / 2)})
    others = [
        replace(unit, scenario=scenario("reference")),
        replace(unit, scenario=changed(unit.scenario, "calendar.years", 1)),
        replace(unit, warm_up=changed(unit.warm_up, "calendar.warm_up_years", 2)),
        replace(unit, tables=replace(tables(), digest="0" * 64)),
        replace(unit, tables=overridden),
        replace(unit, regions=("94",)),
        replace(unit, seed=2014),
        replace(unit, replication=4),
        replace(unit, shard="53"),
        replace(unit, keeps_outcomes=True),
    ]
    keys = [of.key for of in (unit, *others)]
    for name, value in (("PROTOCOL", 0), ("cepsim.__version__", "0")):
        with monkeypatch.context() as patch:
            patch.setattr(unit_module, "program", program.__wrapped__)
            patch.setattr(f"{unit_module.__name__}.{name}", value)
            keys.append(unit.key)
    assert len(set(keys)) == len(keys)


def test_a_key_differs_when_the_code_that_computes_does(unit, monkeypatch, tmp_path):
    package = Path(unit_module.cepsim.__file__).parent
    copied = shutil.copytree(package, tmp_path / "cepsim", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr("cepsim.__file__", str(copied / "__init__.py"))
    monkeypatch.setattr(unit_module, "program", program.__wrapped__)
    before = unit.key
    assert before == replace(unit).key
    with (copied / "cli" / "app.py").open("a") as file:
        file.write("# nothing\n")
    assert unit.key == before
    with (copied / "engine" / "rules.py").open("a") as file:
        file.write("# nothing\n")
    assert unit.key != before


LOADED = """
import sys
import cepsim.experiment.pipeline
print(*sorted(name for name in sys.modules if name.startswith("cepsim.")))
"""


def test_every_module_that_a_replication_needs_is_in_the_program():
    said = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    computing = {name.removesuffix(".py").replace("/", ".") for name in unit_module._COMPUTING}
    modules = {name.removeprefix("cepsim.") for name in said.stdout.split()}
    left = {name for name in modules if not any(f"{name}.".startswith(f"{of}.") for of in computing)}
    words = {"errors", "labels", "labels.messages", "plain", "resources", "safe"}
    assert {name for name in left - words if not name.startswith("experiment")} == set()


# -- damage ------------------------------------------------------------------------------------------------


def flip(content: bytes, position: int) -> bytes:
    return content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda content: content[:-1],
        lambda content: content[: len(content) // 2],
        lambda content: content + b"\n",
        lambda content: flip(content, 0),
        lambda content: flip(content, len(content) // 2),
        lambda content: flip(content, len(content) - 1),
        None,
    ],
    ids=["emptied", "cut by one", "cut by half", "longer", "first", "middle", "last", "removed"],
)
def test_damage_to_any_file_is_noticed_told_and_removed(full, name, damage):
    path = full.folder / KEY / name
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage(path.read_bytes()))
    assert full.problem(KEY).startswith(name)
    assert full.get(KEY) is None
    assert [(found.key, found.reason.split(" ")[0]) for found in full.damaged] == [(KEY, name)]
    assert (full.named(), partials(full)) == ([], [])


def test_a_unit_found_damaged_is_put_again_and_kept(full):
    (full.folder / KEY / "waits.parquet").write_bytes(b"PAR1")
    assert full.get(KEY) is None
    full.put(KEY, measured(), ABOUT)
    assert same(full.get(KEY), measured())


def test_no_flipped_bit_of_the_description_goes_unnoticed(full):
    path = full.folder / KEY / "about.json"
    content = path.read_bytes()
    drawn = random.Random(1)
    for position in range(len(content)):
        byte = bytes([content[position] ^ (1 << drawn.randrange(8))])
        path.write_bytes(content[:position] + byte + content[position + 1 :])
        assert full.about(KEY) is None, position


def test_a_unit_under_the_key_of_another_is_refused(full):
    (full.folder / KEY).rename(full.folder / OTHER)
    assert full.get(OTHER) is None
    assert full.damaged == [Damage(OTHER, f"it is the unit {KEY}")]


def test_a_unit_of_another_layout_is_refused(store, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(unit_files, "LAYOUT", 0)
        store.put(KEY, measured(), ABOUT)
    assert store.entries().empty
    assert [thing.cause for thing in store.removable()] == ["unreadable"]
    assert store.get(KEY) is None
    assert store.damaged == [Damage(KEY, f"its layout is 0, expected {unit_files.LAYOUT}")]


def test_a_table_that_is_not_parquet_is_refused_even_with_the_right_checksum(store, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(pd.DataFrame, "to_parquet", lambda *_, **__: b"PAR1 nothing PAR1")
        store.put(KEY, measured(), ABOUT)
    assert store.get(KEY) is None
    assert "waits.parquet cannot be read" in store.damaged[0].reason


@pytest.mark.parametrize("content", [b"null", b"[]", b"3", b"{}", b'{"sha256": 3}', b"\xff\xfe", b"{"])
def test_a_description_that_is_anything_else_is_refused(full, content):
    (full.folder / KEY / "about.json").write_bytes(content)
    assert full.get(KEY) is None
    assert len(full.damaged) == 1


def test_what_stands_in_place_of_a_unit_is_removed(store):
    store.folder.mkdir()
    (store.folder / KEY).write_text("a file", encoding="utf-8")
    (store.folder / OTHER).mkdir()
    assert (store.get(KEY), store.get(OTHER)) == (None, None)
    assert len(store.damaged) == 2
    assert list(store.folder.iterdir()) == []


def test_a_store_that_cannot_be_changed_gives_what_is_sound_and_raises_nothing(full, monkeypatch):
    def refuse(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    full.put(OTHER, measured(2), ABOUT)
    (full.folder / KEY / "hours.parquet").unlink()
    monkeypatch.setattr(Path, "rename", refuse)
    assert full.get(KEY) is None
    assert same(full.get(OTHER), measured(2))


# -- the disk ----------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 200 kB, or none where this process may not make one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "none", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_told_and_keeps_what_was_finished(small_disk):
    store = Store(small_disk / "reports" / ".store")
    kept = {}
    with pytest.raises(StoreError) as caught:
        for number in range(10):
            put = measured(number)
            store.put(f"{number:032x}", put, {**ABOUT, "replication": number})
            kept[f"{number:032x}"] = put
    assert 1 <= len(kept) < 10
    needed = sum(path.stat().st_size for path in (store.folder / f"{0:032x}").iterdir())
    message = str(caught.value)
    assert message.startswith(
        f"{store.folder}: No space left on device: could not keep central, replication "
    )
    assert f"replication {len(kept)}, shard 94 (" in message
    assert abs(int(message.split(" bytes needed")[0].split("(")[-1]) - needed) < needed / 20
    assert message.endswith(
        f"Units already there are kept ({len(kept)}). Free some space, or choose another folder, "
        "and run the same command again: it goes on from them."
    )
    assert store.named() == sorted(kept)
    assert partials(store) == []
    assert all(same(store.get(key), put) for key, put in kept.items())
    shutil.rmtree(store.folder / f"{0:032x}")
    store.put(f"{len(kept):032x}", measured(), ABOUT)


@pytest.mark.parametrize(
    ("step", "code"),
    [*((step, errno.ENOSPC) for step in range(len(FILES) + 2)), (3, errno.EDQUOT), (3, errno.EIO)],
)
def test_a_disk_that_refuses_at_any_step_leaves_nothing_half_written(full, monkeypatch, step, code):
    calls = iter(range(100))

    def refuse(_file):
        if next(calls) == step:
            raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StoreError, match=os.strerror(code)) as caught:
        full.put(OTHER, measured(2), ABOUT)
    monkeypatch.undo()
    assert ("Free some space" in str(caught.value)) == (code != errno.EIO)
    assert partials(full) == []
    assert same(full.get(KEY), measured())
    was_renamed = step == len(FILES) + 1
    assert full.named() == ([KEY, OTHER] if was_renamed else [KEY])
    assert full.damaged == []


def test_a_store_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "kept").write_text("mine", encoding="utf-8")
    with pytest.raises(StoreError, match="Make it a folder that can be written"):
        Store(tmp_path / "kept").put(KEY, measured(), ABOUT)
    assert (tmp_path / "kept").read_text(encoding="utf-8") == "mine"
    assert Store(tmp_path / "kept").get(KEY) is None


# -- several processes -------------------------------------------------------------------------------------


def test_a_process_killed_while_it_writes_leaves_whole_units_or_none(store):
    context = multiprocessing.get_context("spawn")
    units = [measured(number, rows=2000) for number in range(3)]
    drawn = random.Random(7)
    were_partial = 0
    for round_ in range(4):
        ready = context.Event()
        process = context.Process(target=put_for_ever, args=(store.folder, ready))
        process.start()
        assert ready.wait(600)
        time.sleep(drawn.uniform(0.02, 0.4))
        if round_ % 2:
            hold_while_it_writes(process.pid, store)
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        were_partial += len(partials(store))
        for key in store.named():
            assert same(store.get(key), units[int(key, 16) % 3])
        assert store.damaged == []
        left = {path.name for path in partials(store)}
        assert left <= {thing.name for thing in store.removable() if thing.cause == "unfinished"}
        store.clean(store.removable(everything=True))
        assert [path.name for path in store.folder.iterdir()] in (["README.md"], [])
    assert were_partial >= 2


def hold_while_it_writes(pid, store):
    """Stop a process in the middle of a unit, however short that middle is."""
    while True:
        os.kill(pid, signal.SIGSTOP)
        os.waitpid(pid, os.WUNTRACED)
        if partials(store):
            return
        os.kill(pid, signal.SIGCONT)
        time.sleep(0.001)


def test_two_processes_that_put_the_same_unit_at_once_leave_it_whole(store):
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    processes = [context.Process(target=put_many, args=(store.folder, barrier)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0]
    assert store.named() == [key_of(number) for number in range(8)]
    assert all(same(store.get(key), measured()) for key in store.named())
    assert partials(store) == []


# -- cleaning ----------------------------------------------------------------------------------------------


def test_clean_removes_what_is_asked_for_and_no_more(full):
    full.put(OTHER, measured(2), ABOUT)
    assert full.removable() == []
    assert full.removable(older_than=timedelta(hours=1)) == []
    everything = full.removable(everything=True)
    assert [(thing.name, thing.cause) for thing in everything] == [(KEY, "all"), (OTHER, "all")]
    full.clean(everything[:1])
    assert full.named() == [OTHER]
    assert [thing.cause for thing in full.removable(older_than=timedelta(seconds=-5))] == ["old"]


def test_units_of_another_program_and_unreadable_ones_are_always_removable(full, monkeypatch):
    monkeypatch.setattr(unit_files, "program", lambda: "cepsim of old")
    full.put(OTHER, measured(), ABOUT)
    (full.folder / KEY / "about.json").unlink()
    assert [(thing.name, thing.cause) for thing in full.removable()] == [
        (KEY, "unreadable"),
        (OTHER, "other_program"),
    ]


def test_partial_folders_are_removable_once_their_process_is_gone_or_they_are_old(full):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    machine = full._partial().name.split("-")[1]
    gone, mine, elsewhere, old, strange = (
        full.folder / f".partial-{name}"
        for name in (f"{machine}-{process.pid}-aa", f"{machine}-{os.getpid()}-aa", "00-1-aa", "01-1-aa", "x")
    )
    for path in (gone, mine, elsewhere, old, strange):
        path.mkdir()
        (path / "waits.parquet").write_bytes(b"12345")
    for path in (old, strange):
        os.utime(path, (time.time() - 2 * DAY,) * 2)
    things = full.removable()
    assert {thing.name for thing in things} == {gone.name, old.name, strange.name}
    assert {(thing.cause, thing.bytes) for thing in things} == {("unfinished", 5)}
    full.clean(things)
    assert set(partials(full)) == {mine, elsewhere}
    assert full.named() == [KEY]
