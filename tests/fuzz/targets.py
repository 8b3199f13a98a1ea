"""What reads what a user, a disk or a stranger gives it, and what must hold of each spoiled file.

A target spoils one good thing and has the program read it. Either it is read, or it is refused by an error of
the project that names its place in both languages; whatever else is raised, written or lost is a crash.
"""

import contextlib
import io
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Literal

import pytest
from hostile import TEXTS, drives_a_terminal
from stored import ABOUT, key_of, measured, same

from cepsim.cli import main
from cepsim.errors import CepsimError, InputError, Interrupted
from cepsim.experiment import RecordedRun
from cepsim.experiment.recorded import _COLUMNS as FRAMES
from cepsim.experiment.store import Store
from cepsim.labels.messages import message
from cepsim.resources import scenarios_folder, tables_folder
from cepsim.scenario import load_scenario, parsed_scenario, to_toml
from cepsim.tables import Tables, load_tables

from .damage import BLOTS, json_of, spoiled_bytes, spoiled_table, spoiled_tree, toml_of

Outcome = Literal["read", "refused", "called", "misused", "not done"]

#: Exit codes of the command line, but for that of a defect.
OUTCOMES: dict[int, Outcome] = {0: "called", 2: "misused", 3: "refused", 4: "not done", 5: "not done"}


class CrashError(AssertionError):
    """Something else than what a bad file may cause."""


@dataclass
class Target:
    """Where spoiled things are put, and what every target needs."""

    folder: Path
    tables: Tables = field(default_factory=load_tables)

    def __post_init__(self) -> None:
        self.prepare()

    def prepare(self) -> None:
        """Make ready what is to be spoiled."""

    def once(self, rng: Random) -> Outcome:
        """Spoil one thing and have it read. Raises CrashError, or what was raised, where that is wrong."""
        raise NotImplementedError

    def offender(self) -> Path:
        """What was spoiled last."""
        return self.folder

    def read(self, work: Callable[[], object]) -> Outcome:
        """Whether it was read, or refused as it must be; files stay as they were."""
        before = written(self.folder)
        try:
            work()
        except InputError as error:
            _check_message(error)
            outcome: Outcome = "refused"
        else:
            outcome = "read"
        if written(self.folder) != before:
            raise CrashError("files were changed by reading")
        return outcome


class ScenarioFile(Target):
    """A scenario file, its tree spoiled, or its bytes."""

    def prepare(self) -> None:
        names = sorted(path.stem for path in scenarios_folder().glob("*.toml"))
        self._whole = [to_toml(load_scenario(name, tables=self.tables)) for name in names]
        self._said = [(scenarios_folder() / f"{name}.toml").read_text(encoding="utf-8") for name in names]

    def once(self, rng: Random) -> Outcome:
        import tomllib

        raw = rng.choice(rng.choice((self._whole, self._said))).encode()
        if rng.random() < 0.7:
            tree = tomllib.loads(raw.decode())
            tree["name"] = "essai"
            raw = toml_of(spoiled_tree(tree, rng))
        if rng.random() < 0.4:
            raw = spoiled_bytes(raw, rng)
        path = self.offender()
        path.write_bytes(raw)
        outcome = self.read(lambda: load_scenario(path, tables=self.tables))
        if outcome == "read":
            # what is read can be written, and reads again as the same
            found = load_scenario(path, tables=self.tables)
            if parsed_scenario(to_toml(found), path, tables=self.tables) != found.model_copy(
                update={"extends": None}
            ):
                raise CrashError("written again, it is another scenario")
        return outcome

    def offender(self) -> Path:
        return self.folder / "essai.toml"


class TableFile(Target):
    """One table of the folder of tables, its cells spoiled, or its bytes."""

    def prepare(self) -> None:
        self._files = {path.name: path.read_bytes() for path in sorted(tables_folder().glob("*.csv"))}
        for name, raw in self._files.items():
            (self.folder / name).write_bytes(raw)
        self._last = next(iter(self._files))

    def once(self, rng: Random) -> Outcome:
        (self.folder / self._last).write_bytes(self._files[self._last])
        self._last = rng.choice(list(self._files))
        raw = self._files[self._last]
        if rng.random() < 0.7:
            raw = spoiled_table(raw, rng)
        if rng.random() < 0.4:
            raw = spoiled_bytes(raw, rng)
        (self.folder / self._last).write_bytes(raw)
        return self.read(lambda: load_tables(self.folder))

    def offender(self) -> Path:
        return self.folder / self._last


class StoredUnit(Target):
    """A unit of a store, one of its files spoiled, replaced or removed; its neighbour stays whole."""

    def prepare(self) -> None:
        self._unit = measured(rows=3)
        store = Store(self.folder / "store")
        for number in (1, 2):
            store.put(key_of(number), self._unit, ABOUT)
        self._good = self.folder.parent / f"{self.folder.name}-good"
        (self.folder / "store" / key_of(1)).rename(self._good)

    def once(self, rng: Random) -> Outcome:
        store = Store(self.folder / "store")
        place = store.folder / key_of(1)
        _remove(place)
        shutil.copytree(self._good, place)
        path = rng.choice(sorted(place.iterdir()))
        raw = path.read_bytes()
        kind = rng.randrange(5)
        if kind == 0:
            path.unlink()
        elif kind == 1:
            _replace(path, rng)
        elif kind == 2:
            about = place / "about.json"
            about.write_bytes(json_of(spoiled_tree(json.loads(about.read_bytes()), rng)))
        else:
            path.write_bytes(spoiled_bytes(raw, rng))
        store.entries(), store.removable(), store.holds(key_of(1)), store.problem(key_of(1))
        found = store.get(key_of(1))
        if found is None and (place.exists() or len(store.damaged) != 1):
            raise CrashError("a damaged unit was neither told nor removed")
        if found is not None and not same(found, self._unit):
            raise CrashError("another unit came back")
        if not same(store.get(key_of(2)), self._unit):
            raise CrashError("the unit beside it was lost")
        return "read" if found is not None else "refused"

    def offender(self) -> Path:
        return self.folder / "store" / key_of(1)


class RunFolder(Target):
    """The folder of a finished run, its manifest or one of its frames spoiled, then read by every command.

    The folder `good` holds it.
    """

    good: Path
    #: Whether commands read it too: their answers take seconds.
    called = True

    def once(self, rng: Random) -> Outcome:
        place = self.offender()
        _remove(place)
        shutil.copytree(self.good, place)
        files = sorted(path for path in place.iterdir() if path.is_file())
        manifest = place / "manifest.json"
        path = manifest if rng.random() < 0.5 else rng.choice(files)
        if path.suffix == ".csv":
            path.with_suffix(".parquet").unlink(missing_ok=True)
        raw, kind = path.read_bytes(), rng.random()
        if path == manifest and kind < 0.7:
            tree = json.loads(raw)
            of = rng.choice(("all", "scenarios", "top"))
            if of == "scenarios":
                tree["scenarios"] = spoiled_tree(tree["scenarios"], rng)
            elif of == "top":
                tree = spoiled_tree({k: v for k, v in tree.items() if k != "scenarios"}, rng) | {
                    "scenarios": tree["scenarios"]
                }
            else:
                tree = spoiled_tree(tree, rng)
            path.write_bytes(json_of(tree))
        elif path.suffix == ".csv" and kind < 0.7:
            path.write_bytes(spoiled_table(raw, rng))
        elif kind < 0.8:
            _replace(path, rng)
        else:
            path.write_bytes(spoiled_bytes(raw, rng))
        outcome = self.read(lambda: self._read_all(place, path))
        if not self.called:
            return outcome
        words = rng.choice(
            (
                ["check"],
                ["costs", "--by", "operator"],
                ["costs", "--by", "year", "--json"],
                ["costs", "--view", "commitments"],
                ["costs", "--view", "fund"],
                ["costs", "--view", "budget"],
                ["note"],
            )
        )
        called([words[0], str(place), *words[1:]])
        called(["explain", "reference", "premiere-vague", "--run", str(place)])
        return outcome

    def _read_all(self, place: Path, path: Path) -> None:
        run = RecordedRun.of(place, self.tables)
        for name in FRAMES if path.name == "manifest.json" else (path.stem,):
            if name in FRAMES:
                run.frame(name)

    def offender(self) -> Path:
        return self.folder / "run"


class CommandLine(Target):
    """Words that a command line may hold; nothing is simulated."""

    def once(self, rng: Random) -> Outcome:
        for path in self.folder.iterdir():
            _remove(path)
        self._words = words(rng)
        with contextlib.chdir(self.folder), nothing_simulated():
            outcome = called(self._words)
        new = [path.name for path in self.folder.iterdir()]
        if new and not (outcome == "called" and self._words[:2] == ["scenarios", "new"]):
            raise CrashError(f"{self._words}: {outcome}, and yet it wrote {new}")
        return outcome

    def offender(self) -> Path:
        path = self.folder / "words.txt"
        path.write_text(repr(self._words), encoding="utf-8")
        return path


#: Commands and what each takes that it knows; simulations and what lasts are left out, or are refused.
COMMANDS: tuple[tuple[str, ...], ...] = (
    *(("scenarios", "list"), ("scenarios", "schema"), ("scenarios", "show", "central")),
    *(("scenarios", "show"), ("scenarios", "validate"), ("scenarios", "new"), ("scenarios", "new", "essai")),
    *(
        ("scenarios", "diff", "central", "reference"),
        ("scenarios", "diff"),
        ("scenarios", "shards", "central"),
    ),
    *(("run", "reference", "--region", "94"), ("run", "central", "--region"), ("run",), ("run", "reference")),
    *(
        ("compare", "reference", "central", "--region", "94"),
        ("compare", "reference", "central"),
        ("compare",),
    ),
    *(("data", "check"), ("data", "show"), ("data", "show", "--figure"), ("data", "actors"), ("data",)),
    *(("regions", "list"), ("regions", "access"), ("runs", "list"), ("runs", "show"), ("runs", "clean")),
    *(("runs", "list", "--store"), ("note",), ("check",), ("costs",), ("explain",), ("explain", "a", "b")),
    *(("verify", "--only"), ("backtest", "--region"), ("provenance",), ("report",), ("dossier",), ()),
    *(("size", "central", "--region", "94"), ("size", "central", "--region", "94", "--norm"), ("size",)),
    *(("sensitivity", "central", "--region", "94"), ("sensitivity",)),
    *(("estimate", "central", "--region", "94"), ("estimate", "central", "--against"), ("estimate",)),
)
OPTIONS = (
    *("--region", "--replications", "--seed", "--years", "--follow-up", "--workers", "--sample", "--out"),
    *("--store", "--engine", "--precision", "--max-replications", "--indicator", "--branch", "--json"),
    *("--quiet", "--lang", "--data", "--debug=x", "--help", "--version", "--figures", "--figure", "--by"),
    *(
        "--extends",
        "--older-than",
        "--yes",
        "--all",
        "--net-of",
        "--view",
        "--csv",
        "--run",
        "--person",
        "--norm",
        "--from",
        "--confidence",
        "--also",
        "--budget",
        "--loss",
        "--pareto",
        "--save",
        "--method",
        "--outcome",
        "--most",
        "--samples",
        "--limit",
        "--correlation",
        "--decision",
        "--value",
        "--impact",
        "--against",
        "--",
        "-",
    ),
)
VALUES = (
    *(
        "94",
        "53",
        "99",
        "central",
        "reference",
        "fr",
        "en",
        "de",
        "0",
        "1",
        "-1",
        "1e400",
        "nan",
        "inf",
        "0.1",
    ),
    *("9" * 30, "9" * 5000, "²", "1_000", "2016-01-01", "2016-13-01", "9999-12-31", "", " ", "x" * 300),
    *("x" * 5000, "\udcff", "a/b/c", "/dev/null", "/proc/self/mem", "/", ".", "..", "~", "essai.toml", "@x"),
    *(
        "accueil: 90 % <= 10 j ouvrés",
        "conseil: 101 % <= -1 j ouvrés",
        ": % <=",
        "90 %",
        "tornado",
        "futures",
    ),
    *("received=1", "received=1e400", "=", "a,b=0.5", "a,a=2", "new_money", "late", "futures", "posts.toml"),
    *("@", "*", "{}", "{0}", "%s", "compiled", "simpy", "people_received", "opacif", "operator"),
)


def words(rng: Random) -> list[str]:
    """A command with some options and values, known, odd or hostile."""
    found = list(rng.choice(COMMANDS))
    for _ in range(rng.randrange(4)):
        kind = rng.random()
        if kind < 0.45:
            found += [rng.choice(OPTIONS), rng.choice(VALUES)]
        elif kind < 0.6:
            found.append(rng.choice(OPTIONS))
        elif kind < 0.8:
            found.append(rng.choice(VALUES))
        else:
            found.insert(rng.randint(0, len(found)), rng.choice(TEXTS))
    return found


#: Where the work of a command begins, by module: nothing before it takes long.
_BEGINNINGS = {
    "cepsim.experiment": ("run_scenarios", "run_until_precise", "compare_scenarios"),
    "cepsim.sizing": ("sized", "budgeted"),
    "cepsim.sensitivity": ("study_of",),
    "cepsim.twin.estimating": ("estimate_plan",),
}


@contextlib.contextmanager
def nothing_simulated() -> Iterator[None]:
    """What would simulate stops at once, as if the user had."""

    def stopped(*_: object, **__: object) -> None:
        raise Interrupted("stopped")

    with pytest.MonkeyPatch.context() as patch:
        for module, names in _BEGINNINGS.items():
            for name in names:
                patch.setattr(import_module(module), name, stopped)
        yield


def called(words: Sequence[str]) -> Outcome:
    """What a command line gives, which must be one of the codes of `cepsim.cli`, and plain text."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(list(words))
    said = [stream.buffer.getvalue().decode("utf-8") for stream in (out, err)]  # type: ignore[attr-defined]
    if code not in OUTCOMES:
        raise CrashError(f"{words}: exit code {code}: {said[1][-500:]}")
    if any(drives_a_terminal(text) for text in said):
        raise CrashError(f"{words}: control characters were printed")
    if code in (2, 3) and not said[1].strip():
        raise CrashError(f"{words}: refused without a word")
    return OUTCOMES[code]


def written(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of change of every file under a folder."""
    stats = {str(path): path.lstat() for path in folder.rglob("*")}
    return {name: (stat.st_size, stat.st_mtime_ns) for name, stat in stats.items()}


def _check_message(error: CepsimError) -> None:
    for problem in getattr(error, "problems", ()):
        if not (problem.file and problem.expected):
            raise CrashError(f"an error without its place: {problem!r}")
    for language in ("fr", "en"):
        if not message(error, language).strip():  # type: ignore[arg-type]
            raise CrashError("an error without a message")


def _replace(path: Path, rng: Random) -> None:
    """Something else in the place of a file: a folder, a link, an archive, an odd content."""
    raw = path.read_bytes()
    path.unlink()
    kind = rng.randrange(5)
    if kind == 0:
        path.mkdir()
    elif kind == 1:
        path.symlink_to("/dev/zero" if rng.random() < 0.3 else "/nowhere")
    elif kind == 2:
        away = path.parent.parent / "elsewhere"
        away.write_bytes(raw)
        path.symlink_to(away)
    elif kind == 3:
        path.write_bytes(b"PK\x03\x04" + raw)
    else:
        path.write_bytes(rng.choice(BLOTS))


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
