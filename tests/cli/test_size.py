"""`cepsim size`: Corse sized once, printed, written, saved; what it refuses."""

import contextlib
import io
import json

import pandas as pd
import pytest

from cepsim.cli import main

NORM = "cap_emploi accueil: 90 % <= 10 j ouvrés"
SHORT = ["--region", "94", "--years", "1", "--from", "2015-04-01", "--replications", "2", "--workers", "2"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder of a sizing of one operator of Corse, and what it printed."""
    folder, said = tmp_path_factory.mktemp("made"), io.StringIO()
    words = ["size", "central", *SHORT, "--norm", NORM]
    words += ["--out", str(folder / "sized"), "--save", str(folder / "dimensionne.toml"), "--lang", "fr"]
    with contextlib.redirect_stdout(said):
        assert main(words) == 0
    return folder, " ".join(said.getvalue().split())


def test_it_prints_posts_delay_and_proof_and_says_the_answer_in_a_sentence(made):
    said = made[1]
    assert "Combien de conseillers, où, pour quel délai" in said
    assert "tenue" in said
    assert "Ce qui arrive là où aucune norme n'est fixée" in said
    assert "pour tenir (Cap emploi, accueil : 90 % en 10 j ouvrés au plus) à partir du 01/04/2015" in said
    assert "C'est le moindre coût trouvé" in said


def test_it_writes_its_frames_and_what_determines_them(made):
    folder = made[0] / "sized"
    posts = pd.read_csv(folder / "sizing.csv", encoding="utf-8-sig")
    assert posts["operator"].tolist() == ["cap_emploi"]
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["sizing"]["norms"] == [NORM]
    assert manifest["sizing"]["from"] == "2015-04-01"
    assert list(manifest["scenarios"]) == ["central", "dimensionne"]


def test_the_scenario_saved_is_one_that_other_commands_read(made, call):
    file = made[0] / "dimensionne.toml"
    shown = call("scenarios", "validate", str(file))
    assert shown.code == 0, shown.err
    assert "cepsim size: cap_emploi accueil" in file.read_text(encoding="utf-8")


def test_a_budget_is_shared_out_and_printed_as_json_alone(call):
    short = [*SHORT[:-4], "--replications", "1"]
    shown = call("size", "central", *short, "--norm", NORM, "--budget", "0.6", "--out", "b", "--json")
    assert shown.code == 0, shown.err
    found = json.loads(shown.out)
    assert [row["operator"] for row in found["frames"]["budget"]] == ["cap_emploi"]
    assert found["frames"]["budget"][0]["etp_budget"] <= 0.6
    assert found["manifest"]["budget"]["loss"] == "late"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--region", "94"], "--norm"),
        (["--norm", NORM], "--region"),
        (["--region", "94", "--norm", "acueil: 90 % <= 10 j"], "« acueil »"),
        (["--region", "94", "--norm", NORM, "--confidence", "40 %"], "40 %"),
        (["--region", "94", "--norm", NORM, "--save", "posts.csv"], "posts.csv"),
        (["--region", "94", "--norm", NORM, "--from", "2019-01-01"], "2019-01-01"),
        (["--region", "94", "--norm", NORM, "--also", "100 %"], "100 %"),
        (["--region", "94", "--norm", NORM, "--pareto", "--brute-force"], "--brute-force"),
        (["--region", "94", "--norm", NORM, "--budget", "3", "--loss", "euros"], "« euros »"),
        (["--region", "94", "--norm", NORM, "--budget", "3", "--by-year"], "postes par année"),
    ],
)
def test_what_is_not_understood_is_refused_and_nothing_is_written(call, empty_folder, words, says):
    refused = call("size", "central", *words)
    assert refused.code in (2, 3)
    assert says in refused.err
    assert not list(empty_folder.iterdir())
