"""Error messages in French: everything that the code may say has its translation."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from message_texts import message_texts

from cepsim.errors import InputError, UsageError, nearest
from cepsim.labels.messages import _catalogue, message, translated
from cepsim.scenario import load_scenario
from cepsim.scenario.fields import Part, Words
from cepsim.scenario.messages import _EXPECTED, _OTHER, _PATTERNS, described, part_in
from cepsim.scenario.schema import Scenario

TEXTS = message_texts()


def _missing(section, texts):
    known = _catalogue()
    held = {**known[section], **known["description"]} if section == "remedy" else known[section]
    return sorted(text for text in texts if text not in held and text.rstrip(".") not in held)


@pytest.mark.parametrize("section", TEXTS)
def test_every_text_of_an_error_has_its_french(section):
    assert len(TEXTS[section]) > 5
    assert _missing(section, TEXTS[section]) == []


def test_every_field_of_a_scenario_is_described_in_french():
    parts, described_texts = [Scenario], []
    for part in parts:
        for field in part.model_fields.values():
            described_texts.append(described(field.description))
            inner = part_in(field.annotation)
            if inner is not None and inner not in parts:
                parts.append(inner)
    assert len(parts) == len(Part.__subclasses__())
    assert _missing("remedy", described_texts) == []


def test_every_rule_of_the_scenario_schema_has_its_french():
    assert _missing("expected", [*_EXPECTED.values(), *_PATTERNS.values(), _OTHER]) == []


def test_every_fault_that_the_reader_of_toml_finds_has_its_french():
    source = Path(tomllib.__file__).with_name("_parser.py").read_text(encoding="utf-8")
    calls = [
        call
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "suffixed_err"
    ]
    texts = [
        "".join(
            part.value if isinstance(part, ast.Constant) else "{}"
            for part in getattr(words, "values", [words])
        )
        for words in (call.args[2] for call in calls)
    ]
    assert len(texts) > 15
    assert _missing("found", texts) == []


def test_a_wrong_override_of_a_scenario_is_told_in_french_alone():
    with pytest.raises(InputError) as caught:
        load_scenario("central").derive({"norm.quantile": 2})
    assert str(caught.value).startswith("central with overrides: ")
    assert message(caught.value, "fr").startswith("central, avec d'autres valeurs : norm.quantile : trouvé 2")


@pytest.mark.parametrize("names", [["central"], ["a", "b"], [f"name{n}" for n in range(20)]])
def test_a_suggestion_is_in_french(names):
    english = nearest("centrale", names)
    assert english
    assert translated("remedy", english) != english


def test_every_place_of_a_translation_is_one_of_its_text():
    for section, texts in _catalogue().items():
        for text, said in texts.items():
            if "{}" in text:
                used = {int(number) for number in re.findall(r"\{(\d+)(?::fr)?\}", said)}
                assert used == set(range(text.count("{}"))), (section, text)


def test_values_stay_as_they_are_and_words_are_translated():
    error = InputError(file="x.csv", field="line 3, column unit", found="none", expected="a table")
    assert message(error, "fr") == "x.csv : ligne 3, colonne unit : trouvé « none », attendu une table"
    assert message(error, "en") == str(error)
    error = InputError(
        file="x.toml", found=Words("nothing"), expected="a value", remedy="Open the wave later."
    )
    assert message(error, "fr") == "x.toml : trouvé rien, attendu une valeur. Ouvrez la vague plus tard."
    assert message(UsageError("said already"), "fr") == "said already"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a = ", "trouvé une valeur qui n'en est pas une (fin du fichier), attendu du TOML, en UTF-8"),
        ("a = 1 b = 2", "trouvé plusieurs choses sur une ligne (ligne 1, colonne 7)"),
        ("a = 1\na = 2", "trouvé une clé écrite deux fois (fin du fichier)"),
        ("[service]\nintensty = 'actuelle'", "service.intensty : trouvé une clé inconnue"),
        ("[calendar]\nyears = 11", "calendar.years : trouvé 11, attendu 10 ou moins. Années entières"),
        ("[calendar]\nyears = '2'", "trouvé « 2 », attendu un nombre entier"),
        ("[[waves]]\npublics = []", "trouvé une liste vide, attendu une valeur au moins. Nommez-en une"),
        ("extends = 'centrale'", "extends : trouvé « centrale », attendu le nom d'un scénario. Vouliez-vous"),
        ("[figures.'demand.x']\nmode = 1", "Ajoutez-le. La moyenne plausible la plus basse."),
    ],
)
def test_a_file_that_is_refused_is_refused_in_french(tmp_path, content, said):
    path = tmp_path / "essai.toml"
    head = "" if content.startswith("a") else 'name = "essai"\ntitle = { fr = "x", en = "x" }\n'
    head += "" if content.startswith("a") else 'debate = { fr = "x", en = "x" }\n'
    head += "" if "extends" in content or not head else 'extends = "reference"\n'
    path.write_text(head + content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    assert said in message(caught.value, "fr")


def test_a_byte_that_is_not_utf_8_is_said_with_its_line(tmp_path):
    path = tmp_path / "essai.toml"
    path.write_bytes('name = "essai"\n# é'.encode("latin-1"))
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    assert message(caught.value, "fr") == (
        "essai.toml : ligne 2 : trouvé un octet qui n'est pas de l'UTF-8, attendu du TOML, en UTF-8. "
        "Enregistrez le fichier en UTF-8."
    )
