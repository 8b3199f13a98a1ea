"""A command line that cannot be understood: exit code 2, one sentence, where the help is."""

import inspect

import pytest

from cepsim.cli.settings import take_settings
from cepsim.cli.simulating import DEFAULT_REPLICATIONS, DEFAULT_SEED
from cepsim.errors import UsageError
from cepsim.experiment import plan


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("sho",), "commande inconnue : sho."),
        (("scenarios", "lst"), "commande inconnue : lst. Vouliez-vous dire « list » ?"),
        (("scenarios", "show"), "il manque SCÉNARIO."),
        (("scenarios", "show", "central", "reference"), "trop de mots : reference."),
        (("scenarios", "show", "central", "--figure"), "option inconnue : --figure."),
        (("scenarios", "new", "x", "--out"), "l'option --out attend une valeur."),
        (("run",), "il manque SCÉNARIO."),
        (("run", "central"), "il manque la région"),
        (("run", "central", "--region", "53", "--years", "x"), "--years : trouvé « x », attendu un nombre"),
        (("run", "central", "--region", "53", "--replications", "0"), "--replications : trouvé « 0 »"),
        (("run", "central", "--region", "53", "--workers", "-1"), "--workers : trouvé « -1 »"),
        (("run", "central", "--region", "53", "--seed", "²"), "--seed : trouvé « ² »"),
        (("explain", "x", "--person", "0"), "--person : trouvé « 0 », attendu un nombre entier, 1 au moins"),
        (("explain", "x", "--person", "abc"), "--person : trouvé « abc », attendu un nombre entier"),
        (("explain", "x", "--person", "1", "--replication", "0"), "--replication : trouvé « 0 »"),
        (("size", "central", "--budget", "abc"), "--budget : trouvé « abc », attendu un nombre d'ETP"),
        (("size", "central", "--budget", "0"), "--budget : trouvé « 0 »"),
        (("data", "show", "flows", "--figure", "x"), "donner une table ou --figure, pas les deux"),
        (("--lang", "de"), "--lang : trouvé « de », attendu fr | en."),
        (("--data",), "l'option --data attend une valeur."),
    ],
)
def test_what_is_wrong_is_said_in_french_with_the_way_to_the_help(call, empty_folder, words, said):
    outcome = call(*words)
    assert (outcome.code, outcome.out) == (2, "")
    first, help_line = outcome.err.splitlines()
    assert first.startswith(f"Erreur : {said}")
    assert help_line.startswith("Aide : cepsim")
    assert list(empty_folder.iterdir()) == []


@pytest.mark.parametrize(("option", "value"), [("--years", "40"), ("--follow-up", "90")])
def test_years_that_no_calendar_has_are_told_of_their_option(call, empty_folder, option, value):
    for command in ("run", "compare"):
        outcome = call(command, "loi-2013", "central", "--region", "94", option, value)
        assert (outcome.code, outcome.out) == (3, "")
        assert outcome.err.startswith(f"Erreur : {option} : trouvé {value}, attendu ")
    assert list(empty_folder.iterdir()) == []


def test_what_is_wrong_is_said_in_english_on_request(call):
    outcome = call("run", "central", "--lang", "en")
    assert outcome.err.startswith("Error: the region is missing: --region 53")


def test_a_language_of_the_environment_that_is_none_is_refused_by_its_name(call, monkeypatch):
    monkeypatch.setenv("CEPSIM_LANG", "klingon")
    outcome = call("regions", "list")
    assert outcome.code == 2
    assert "CEPSIM_LANG : trouvé « klingon »" in outcome.err


def test_the_defaults_that_help_tells_are_those_of_the_plan():
    parameters = inspect.signature(plan).parameters
    assert parameters["replications"].default == DEFAULT_REPLICATIONS
    assert parameters["seed"].default == DEFAULT_SEED


def test_common_options_are_taken_wherever_they_stand():
    settings, rest = take_settings(["--lang", "en", "run", "x", "--data=d", "--debug", "--region", "53"], {})
    assert (settings.language, str(settings.data), settings.debug) == ("en", "d", True)
    assert rest == ["run", "x", "--region", "53"]


def test_what_follows_two_hyphens_is_left_as_it_is():
    _, rest = take_settings(["run", "--", "--lang", "de"], {})
    assert rest == ["run", "--", "--lang", "de"]


def test_an_empty_value_is_none():
    with pytest.raises(UsageError, match="--data"):
        take_settings(["--data="], {})
