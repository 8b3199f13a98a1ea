"""`cepsim run`: what it prints and writes, where it refuses to write, what Ctrl-C leaves."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from kept_runs import heed_ctrl_c

import cepsim.experiment
from cepsim.cli import main
from cepsim.cli.outlet import usable_folder
from cepsim.errors import InputError, Interrupted
from cepsim.experiment import fit, plan
from cepsim.report import answers
from cepsim.scenario import load_scenario

SMALL = ("run", "reference", "--region", "Corse", "--years", "1", "--follow-up", "0", "--replications", "1")


@pytest.fixture(scope="module")
def results():
    """One small run, made once; the command is then given it instead of running it again."""
    planned = plan(["reference"], regions=["94"], replications=1, seed=1, years=1, follow_up_years=0)
    return cepsim.experiment.run_scenarios(planned, workers=1)


@pytest.fixture
def asked(results, monkeypatch) -> list:
    """The plans that the command line asked to run."""
    plans: list = []

    def run_scenarios(planned, **options):
        plans.append((planned, options))
        return results

    monkeypatch.setattr(cepsim.experiment, "run_scenarios", run_scenarios)
    monkeypatch.setattr(fit, "expected", lambda *_: fit.Expected((), 1, "compiled", trace=False))
    return plans


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_run_prints_loads_then_every_answer_then_where_the_files_are(call, asked, results, language):
    outcome = call(*SMALL, "--out", "results", "--lang", language)
    assert (outcome.code, outcome.err) == (0, "")
    tables = answers(results, language)
    titles = [table.title for table in tables]
    loads = "Charges avant calcul" if language == "fr" else "Loads before the run"
    assert f"· {'1 réplication' if language == 'fr' else '1 replication'} ·" in outcome.out
    places = [outcome.out.index(title) for title in (loads, *titles)]
    assert places == sorted(places)
    for table in tables:
        for row in table.rows:
            assert row[-1] in outcome.out
    written = sorted(path for path in Path("results").rglob("*") if path.is_file())
    assert str(len(written)) in outcome.out.splitlines()[-1]
    assert str(Path("results").absolute()) in outcome.out
    assert "plateforme nationale" in outcome.out or language == "en"
    (((planned, options),)) = asked
    assert (planned.regions, planned.replications, planned.seed) == (("94",), 1, 1)
    assert [scenario.calendar.years for scenario in planned.scenarios] == [1]
    assert (options["workers"], options["store"].folder) == (None, Path("reports/.store"))


@pytest.mark.usefixtures("asked")
def test_a_date_after_the_years_counted_is_said_on_standard_error_unless_quiet(call):
    words = ("run", "universel", *SMALL[2:])
    assert "universel : waves[1] (01/01/2016) après la fin du calcul" in call(*words).err
    assert call(*words, "--quiet").err == ""


def test_by_default_a_run_writes_in_a_folder_of_its_own(call, asked, empty_folder):
    assert call(*SMALL, "--quiet").code == 0
    ((planned, _),) = asked
    assert [path.name for path in empty_folder.iterdir()] == ["reports"]
    assert [path.name for path in (empty_folder / "reports").iterdir()] == [planned.name]
    manifest = json.loads((empty_folder / "reports" / planned.name / "manifest.json").read_text("utf-8"))
    assert manifest["seed"] == 1


def test_runs_that_may_differ_have_folders_of_their_own_and_the_same_command_goes_to_its_own():
    def name(scenario="central", **options):
        return plan([scenario], **{"regions": ["94"], "replications": 1, **options}).name

    central = load_scenario("central")
    other = central.derive({"service.intensity": "actuelle"}, name="central")
    many = [["11", "21", "22", "23"], ["11", "21", "22", "24"]]
    names = [name(), name(other), name(years=2), name(seed=2), name(replications=2)]
    names += [name(regions=codes) for codes in many]
    assert len(set(names)) == len(names)
    assert name() == name(central) == name(engine="simpy")
    assert "_y2_" in name(years=2)


def test_a_run_writes_over_its_own_earlier_results(call, asked):
    assert [call(*SMALL, "--quiet").code for _ in range(2)] == [0, 0]
    assert len(asked) == 2


def test_json_is_one_document_and_nothing_else(call, asked, results):
    outcome = call(*SMALL, "--json", "--out", "results")
    assert (outcome.code, outcome.err) == (0, "")
    document = json.loads(outcome.out)
    assert document["manifest"] == json.loads(json.dumps(results.manifest()))
    assert Path(document["folder"]) == Path("results").absolute()
    assert set(document["frames"]) == set(results.frames())
    for name, frame in results.frames().items():
        assert len(document["frames"][name]) == len(frame)
    loads = pd.DataFrame(document["frames"]["loads"])
    pd.testing.assert_frame_equal(loads, results.frames()["loads"], check_dtype=False)
    assert len(asked) == 1


def test_quiet_prints_the_answers_alone(call, asked, results):
    outcome = call(*SMALL, "--quiet")
    assert outcome.out.startswith(answers(results, "fr")[0].title)
    assert len(asked) == 1


def test_options_reach_the_plan(call, asked):
    words = ("--region", "94,42", "--replications", "3", "--seed", "7", "--workers", "2", "--quiet")
    more = ("--engine", "simpy", "--store", "kept", "--years", "2", "--follow-up", "1")
    assert call("run", "reference", *words, *more).code == 0
    ((planned, options),) = asked
    assert (planned.regions, planned.replications, planned.seed) == (("42", "94"), 3, 7)
    assert planned.scenarios[0].calendar.years == 2
    assert planned.scenarios[0].calendar.follow_up_years == 1
    assert planned.engine == "simpy"
    assert (options["workers"], options["store"].folder) == (2, Path("kept"))


def test_france_is_every_region(call, asked):
    assert call("run", "reference", "--region", "france", "--quiet").code == 0
    ((planned, _),) = asked
    assert planned.regions == tuple(region.code for region in planned.tables.regions)


def test_an_engine_that_is_none_is_refused_with_the_help_of_the_command(call, asked):
    outcome = call(*SMALL, "--engine", "steam")
    assert (outcome.code, asked) == (2, [])
    assert outcome.err.splitlines() == [
        "Erreur : --engine : trouvé « steam », attendu compiled | simpy.",
        "Aide : cepsim run --help",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "centrale", "--region", "53"), "Vouliez-vous dire « central » ?"),
        (("run", "central", "--region", "bretange"), "Vouliez-vous dire « 53 Bretagne » ?"),
        (
            ("run", "central", "--region", "53", "--years", "11"),
            "--years : trouvé 11, attendu 10 ou moins",
        ),
        (("run", "./none.toml", "--region", "53"), "none.toml : trouvé aucun fichier de ce nom"),
        (("run", "central", "--region", "\x1b[31m[bold]"), "\\x1b[31m[bold]"),
    ],
)
def test_a_bad_input_is_one_line_runs_nothing_and_writes_nothing(call, asked, empty_folder, words, said):
    outcome = call(*words)
    assert (outcome.code, outcome.out) == (3, "")
    assert said in outcome.err
    assert outcome.err.count("\n") == 1
    assert "\x1b" not in outcome.err
    assert asked == []
    assert list(empty_folder.iterdir()) == []


def test_a_folder_that_is_not_a_run_is_never_replaced(call, asked, empty_folder):
    (empty_folder / "thesis.txt").write_text("ten years of work", encoding="utf-8")
    outcome = call(*SMALL, "--out", ".")
    assert (outcome.code, outcome.out) == (3, "")
    assert "un dossier nouveau, vide, ou celui d'un calcul précédent" in outcome.err
    assert (empty_folder / "thesis.txt").read_text(encoding="utf-8") == "ten years of work"
    assert asked == []


def test_where_a_run_may_write(empty_folder):
    (empty_folder / "empty").mkdir()
    (empty_folder / "earlier").mkdir()
    (empty_folder / "earlier" / "manifest.json").write_text('{"cepsim": "0.1.0"}', encoding="utf-8")
    for name in ("new", "deep/new", "empty", "earlier"):
        assert usable_folder(Path(name)) == empty_folder / name


def test_where_a_run_may_not_write(empty_folder):
    (empty_folder / "file").touch()
    (empty_folder / "link").symlink_to(empty_folder)
    (empty_folder / "other").mkdir()
    (empty_folder / "other" / "manifest.json").write_text("[]", encoding="utf-8")
    for name in ("file", "link", "other", "file/below", "/proc/results", "x" * 300):
        with pytest.raises(InputError, match=f'--out: found "{name[:100]}'):
            usable_folder(Path(name))


def test_a_place_where_nothing_can_be_written_is_refused_before_the_run(call, asked, empty_folder):
    outcome = call(*SMALL, "--out", "/proc/results")
    assert (outcome.code, outcome.out, asked) == (3, "", [])
    assert outcome.err == (
        "Erreur : --out : trouvé « /proc/results », attendu un dossier qui puisse être créé dans « /proc ». "
        "Choisissez un autre endroit.\n"
    )
    assert list(empty_folder.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(13, "Permission denied", "x.csv"), "x.csv : accès refusé"),
        (FileNotFoundError(2, "No such file or directory", "x"), "x : aucun fichier ou dossier de ce nom"),
    ],
)
def test_what_the_system_refuses_is_an_input_and_is_said_in_french(call, monkeypatch, error, said):
    def run_scenarios(*_words, **_options):
        raise error

    monkeypatch.setattr(cepsim.experiment, "run_scenarios", run_scenarios)
    outcome = call(*SMALL, "--quiet")
    assert (outcome.code, outcome.err) == (3, f"Erreur : {said}\n")


@pytest.mark.parametrize("stopped", [Interrupted("stopped"), KeyboardInterrupt()])
def test_an_interrupted_run_says_how_to_go_on(call, monkeypatch, empty_folder, stopped):
    def run_scenarios(*_words, **_options):
        raise stopped

    monkeypatch.setattr(cepsim.experiment, "run_scenarios", run_scenarios)
    outcome = call(*SMALL, "--quiet")
    assert outcome.code == 4
    assert outcome.err.startswith("Interrompu. Ce qui était fini est gardé : relancez")
    assert list(empty_folder.iterdir()) == []


def _broken(*_words, **_options):
    raise ZeroDivisionError("a defect")


def test_a_defect_asks_to_run_again_with_debug(call, monkeypatch):
    monkeypatch.setattr(cepsim.experiment, "run_scenarios", _broken)
    outcome = call(*SMALL, "--quiet")
    assert outcome.code == 1
    assert outcome.err.startswith("Erreur : défaut du programme (ZeroDivisionError : a defect).")
    assert "--debug" in outcome.err


def test_a_defect_shows_its_traceback_with_debug(monkeypatch):
    monkeypatch.setattr(cepsim.experiment, "run_scenarios", _broken)
    with pytest.raises(ZeroDivisionError):
        main((*SMALL, "--quiet", "--debug"))


def test_a_full_disk_is_said_in_one_line(call, monkeypatch, asked, results):
    def write(_self, folder):
        raise OSError(28, "No space left on device", str(folder))

    monkeypatch.setattr(type(results), "write", write)
    outcome = call(*SMALL, "--quiet", "--out", "results")
    assert outcome.code == 1
    assert outcome.err.startswith("Erreur : ")
    assert outcome.err.endswith("results : plus de place sur le disque\n")
    assert len(asked) == 1


def _started(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "cepsim", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        preexec_fn=None if os.name == "nt" else heed_ctrl_c,
    )


@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")
def test_ctrl_c_stops_a_run_and_the_same_command_goes_on_from_there(empty_folder):
    words = [*SMALL, "--workers", "1", "--store", "kept", "--engine", "simpy", "--quiet"]
    words[words.index("--replications") + 1] = "2"
    kept = empty_folder / "kept"
    with _started(*words) as process:
        while process.poll() is None and not list(kept.glob("*/about.json")):
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out) == (4, "")
    assert err == ("Interrompu. Ce qui était fini est gardé : relancez la même commande pour reprendre.\n")
    assert not (empty_folder / "reports").exists()
    before = {path: path.stat().st_mtime_ns for path in kept.glob("*/about.json")}
    with _started(*words) as process:
        _, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    after = {path: path.stat().st_mtime_ns for path in kept.glob("*/about.json")}
    assert len(after) > len(before)
    assert before.items() <= after.items()


def test_a_reader_that_leaves_early_ends_the_command_quietly():
    command = [
        sys.executable,
        "-c",
        "import sys; from cepsim.cli import main; sys.exit(main())",
        "data",
        "show",
    ]
    with subprocess.Popen(
        [*command, "regions"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
    assert err == ""
    assert process.returncode == 1


@pytest.mark.parametrize(
    ("words", "code"), [(("regions", "list"), 0), (("none",), 2), (("scenarios", "show", "x"), 3)]
)
def test_the_installed_command_exits_with_the_code(words, code):
    command = Path(sys.executable).with_name("cepsim")
    result = subprocess.run([str(command), *words], capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == code
    assert "Traceback" not in result.stderr
