"""Figures in words: an inspector reads them, and finds the figure by its id."""

import pytest
from deployments import tables

from cepsim.sensitivity.words import named, words


@pytest.mark.parametrize(
    ("id_", "french", "english"),
    [
        (
            "stages.conseil.interviews.salaries.all.centrale.all",
            "nombre d'entretiens de conseil (salariés, intensité centrale)",
            "number of conseil interviews (employees, intensity central)",
        ),
        ("operators.apec.advisers_fte", "nombre de conseillers (APEC)", "number of advisers (APEC)"),
        (
            "market_shares.1.salaries_prives.cadre.opacif",
            "part de marché (salariés du privé, cadres, OPACIF)",
            "market share (private employees, executives, OPACIF)",
        ),
        ("calendar.weekday_index.monday", "affluence selon le jour (lundi)", "demand by weekday (Monday)"),
        ("publics.stock.salaries_cdi.persons", "publics.stock.salaries_cdi.persons", None),
    ],
)
def test_a_figure_is_told_by_what_it_is_and_of_whom(id_, french, english):
    assert words(id_) == french
    assert words(id_, "en") == (english or id_)


def test_its_id_stands_beside_its_words_and_no_two_figures_have_the_same_name():
    ids = [figure.id for figure in tables().figures.values()]
    assert (
        named("operators.apec.advisers_fte") == "nombre de conseillers (APEC) [operators.apec.advisers_fte]"
    )
    assert len({named(id_) for id_ in ids}) == len(ids)
    assert len({named(id_, "en") for id_ in ids}) == len(ids)
