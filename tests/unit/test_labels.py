"""Labels: the same texts in both languages."""

from string import Formatter

import pytest

from cepsim.labels import LANGUAGES, _flatten, all_labels, label, labels_under
from cepsim.scenario import vocabulary


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_both_languages_hold_the_same_keys_in_the_same_order():
    assert list(all_labels("fr")) == list(all_labels("en"))


@pytest.mark.parametrize("key", all_labels("fr"))
def test_both_languages_have_the_same_places_to_fill(key):
    assert _places(label(key, "fr")) == _places(label(key, "en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_label_is_empty_or_padded(language):
    assert [key for key, text in all_labels(language).items() if not text or text != text.strip()] == []


@pytest.mark.parametrize(
    ("prefix", "codes"),
    [
        ("public", vocabulary.PUBLICS),
        ("operator", vocabulary.OPERATORS),
        ("team", vocabulary.TEAMS),
        ("stage", vocabulary.STAGES),
        ("intensity", vocabulary.INTENSITIES),
        ("project", vocabulary.PROJECTS),
        ("population", vocabulary.POPULATIONS),
        ("language", LANGUAGES),
    ],
)
def test_every_word_of_a_vocabulary_has_a_label_in_its_order(prefix, codes):
    assert tuple(labels_under(prefix)) == codes


def test_french_is_the_default():
    assert label("stage.ingenierie") == "ingénierie"
    assert label("project.formation", "en") == "training"


def test_an_unknown_key_names_the_nearest_one():
    with pytest.raises(KeyError, match=r"stage\.conseil"):
        label("stage.conseill")


def test_an_unknown_prefix_is_refused():
    with pytest.raises(KeyError, match="stages"):
        labels_under("stages")


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="fr, en"):
        all_labels("de")  # type: ignore[arg-type]


def test_a_label_that_is_not_a_text_is_refused():
    with pytest.raises(TypeError, match=r"a\.b"):
        _flatten({"a": {"b": 1}})
