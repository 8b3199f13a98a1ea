"""Help: quick because nothing heavy is loaded, complete, and in the user's language."""

import os
import subprocess
import sys

import pytest

HEAVY = "numpy pandas pydantic scipy matplotlib simpy pyarrow holidays statsmodels"
COMMANDS = [
    (),
    ("run",),
    ("compare",),
    ("check",),
    ("backtest",),
    ("dossier",),
    ("report",),
    ("sensitivity",),
    ("estimate",),
    ("verify",),
    ("scenarios",),
    *(("scenarios", name) for name in ("list", "show", "shards", "diff", "validate", "schema", "new")),
    ("data",),
    ("data", "check"),
    ("data", "show"),
    ("regions",),
    ("regions", "list"),
    ("runs",),
    *(("runs", name) for name in ("list", "show", "clean")),
]
LOADED = f"""
import sys
from cepsim.cli import main
code = main(sys.argv[1:])
loaded = [name for name in "{HEAVY}".split() if name in sys.modules]
sys.exit(f"loaded: {{loaded}}" if loaded else code)
"""


def in_new_process(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LOADED, *words],
        env=os.environ | {"PYTHONIOENCODING": "utf-8"} | environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize("words", [*((*words, "--help") for words in COMMANDS), ("--version",), ()])
def test_nothing_heavy_is_loaded_for_help_or_version(words):
    result = in_new_process(*words)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("words", COMMANDS)
def test_help_is_in_the_language_asked_for(call, words):
    french, english = call(*words, "--help"), call(*words, "--help", "--lang", "en")
    assert (french.code, english.code) == (0, 0)
    assert "Affiche cette aide." in french.out
    assert "Shows this help." in english.out
    for left in (
        "Show this message",
        "Commands ",
        "[required]",
        "Install completion",
        "Usage: ",
        "[ARGS]",
        "<bool>",
        "<str>",
        "[default",
    ):
        assert left not in french.out


def test_help_names_every_command(call):
    for words in COMMANDS[1:]:
        assert f" {words[-1]} " in call(*words[:-1], "--help").out


def test_the_language_of_the_environment_holds_unless_the_line_says_otherwise(call, monkeypatch):
    monkeypatch.setenv("CEPSIM_LANG", "en")
    assert "Shows this help." in call("--help").out
    assert "Affiche cette aide." in call("--help", "--lang=fr").out


def test_a_group_alone_shows_its_help(call):
    alone = call("scenarios")
    assert alone.code == 0
    assert alone.out == call("scenarios", "--help").out


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("cepsim run pr", "premiere-vague"),
        ("cepsim run central --region 53", "53"),
        ("cepsim data show flo", "flows"),
    ],
)
def test_a_shell_completes_scenarios_and_regions(typed, offered):
    result = in_new_process(
        _CEPSIM_COMPLETE="complete_bash", COMP_WORDS=typed, COMP_CWORD=str(len(typed.split()) - 1)
    )
    assert (result.stdout.split(), result.stderr) == ([offered], "")


def test_no_color_is_respected():
    coloured = in_new_process("nothing", FORCE_COLOR="1", NO_COLOR="")
    plain = in_new_process("nothing", FORCE_COLOR="1", NO_COLOR="1")
    assert "\x1b[31m" in coloured.stderr
    assert "\x1b[31m" not in plain.stderr
