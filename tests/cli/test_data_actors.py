"""`cepsim data actors`: printed in both languages, exported, and what a mistake gives."""

import csv
import io
import json


def test_actors_are_printed_in_french_by_default_and_in_english_on_request(call):
    french = call("data", "actors")
    assert french.code == 0
    assert "MIFE (Intermife)" in french.out
    assert "déjà financé par" in french.out
    assert "Par région" not in french.out
    english = call("data", "actors", "--lang", "en")
    assert "financed elsewhere" in english.out


def test_regions_named_have_a_table_of_their_own(call):
    outcome = call("data", "actors", "--region", "Corse")
    assert "Par région" in outcome.out
    assert outcome.out.count("Corse") >= 20


def test_the_csv_holds_a_row_a_figure_and_the_json_the_same(call):
    rows = list(csv.DictReader(io.StringIO(call("data", "actors", "--csv", "--region", "94").out)))
    assert {row["region"] for row in rows} == {"all", "94"}
    (cost,) = [r for r in rows if (r["region"], r["actor"], r["quantity"]) == ("all", "mife", "cost")]
    assert (float(cost["mode"]), cost["character"]) == (250 * 45_000, "deja_finance")
    assert cost["figures"] == "actors.mife.staff_fte + unit_costs.full_cost_per_fte.information_actors"
    found = json.loads(call("data", "actors", "--json", "--region", "94").out)
    assert len(found["actors"]) == len(rows)


def test_an_unknown_region_and_two_exports_are_refused(call):
    assert call("data", "actors", "--region", "99").code == 3
    assert call("data", "actors", "--csv", "--json").code == 2
