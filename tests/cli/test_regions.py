"""The words of `--region`: codes, names, pilots, several at once."""

import pytest

from cepsim.cli.regions import region_codes
from cepsim.errors import RegionError
from cepsim.tables import load_tables

REGIONS = load_tables().regions


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (["53"], ("53",)),
        (["53,52"], ("53", "52")),
        (["53", "52, 01"], ("53", "52", "01")),
        (["53", "Bretagne", "53"], ("53",)),
        (["bretagne"], ("53",)),
        (["ILE DE FRANCE"], ("11",)),
        (["Île-de-France"], ("11",)),
        (["provence alpes côte d’azur"], ("93",)),
        (["la réunion"], ("04",)),
    ],
)
def test_a_code_or_a_name_however_written_is_a_region(words, codes):
    assert region_codes(words, REGIONS) == codes


@pytest.mark.parametrize("word", ["pilotes", "pilots", "Pilotes"])
def test_the_pilots_are_those_of_the_table(word):
    pilots = tuple(region.code for region in REGIONS if region.pilot)
    assert len(pilots) == 8
    assert region_codes([word], REGIONS) == pilots
    assert region_codes([word, "53", "94"], REGIONS) == (*pilots, "94")


def test_every_region_is_known_by_its_code_and_its_name():
    for region in REGIONS:
        assert region_codes([region.code], REGIONS) == region_codes([region.name], REGIONS) == (region.code,)


@pytest.mark.parametrize("word", ["54321", "", "1", "Occitanie", "alle", "53;52"])
def test_what_is_no_region_is_refused_with_the_way_to_the_list(word):
    with pytest.raises(RegionError) as caught:
        region_codes([word], REGIONS)
    text = str(caught.value)
    assert text.startswith(f'--region: found "{word}", expected')
    assert "`cepsim regions list`" in text


def test_a_name_nearly_right_gets_the_nearest_one():
    with pytest.raises(RegionError, match='Did you mean "53 Bretagne"'):
        region_codes(["bretange"], REGIONS)


def test_the_command_prints_every_region_and_says_what_it_does_not_know(call):
    outcome = call("regions", "access")
    assert (outcome.code, outcome.err) == (0, "")
    assert "Bretagne" in outcome.out
    assert "La Réunion" in outcome.out
    assert "en dessous de la région" in " ".join(outcome.out.split())
    english = " ".join(call("regions", "access", "--lang", "en").out.split())
    assert "Nothing is known below the region" in english
