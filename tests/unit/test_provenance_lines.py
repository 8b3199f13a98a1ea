"""Figures in lines: what one key alone tells apart is one line, and nothing is lost."""

from math import isnan

import pandas as pd

from cepsim.experiment.provenance import COLUMNS
from cepsim.experiment.provenance_lines import LINES, in_lines


def frame(*rows):
    """Figures that say what they must, and else are alike."""
    alike = {
        "low": 1.0,
        "mode": 2.0,
        "high": 4.0,
        "unit": "persons",
        "confidence": "hypothesis",
        "vintage": "ex_ante",
        "use": "input",
        "year": "2013",
        "perimeter": "france",
        "source": "",
        "note": "a reason",
        "overridden": False,
        "enters": "people.demand",
    }
    return pd.DataFrame([alike | row for row in rows], columns=list(COLUMNS))


def test_rows_of_regions_are_one_line_from_the_least_to_the_greatest_whatever_their_sources():
    found = in_lines(
        frame(
            {"id": "regions.11.population", "low": 5.0, "mode": 6.0, "high": 7.0, "source": "census 1"},
            {"id": "regions.94.population", "low": 1.0, "mode": 2.0, "high": 3.0, "source": "census 2"},
        )
    )
    assert list(found.columns) == list(LINES)
    (line,) = found.itertuples()
    assert (line.id, line.rows, line.low, line.high, line.sources) == ("regions.*.population", 2, 1.0, 7.0, 2)
    assert isnan(line.mode)
    assert (line.source, line.note) == ("", "")


def test_a_line_says_the_source_that_all_its_rows_have():
    found = in_lines(
        frame({"id": "regions.11.population", "source": "s"}, {"id": "regions.94.population", "source": "s"})
    )
    assert found[["source", "note", "sources"]].to_numpy().tolist() == [["s", "a reason", 1]]


def test_rows_less_sure_later_of_another_unit_or_read_elsewhere_are_lines_of_their_own():
    others = (
        *(
            {"confidence": "observed"},
            {"vintage": "ex_post"},
            {"unit": "share"},
            {"enters": "costing.prices"},
        ),
        *({"use": "check"}, {"overridden": True}),
    )
    rows = [{"id": f"regions.{10 + number}.cdd"} | other for number, other in enumerate(({}, *others))]
    found = in_lines(frame(*rows))
    assert sorted(found["id"]) == [row["id"] for row in rows]


def test_outside_regions_another_reason_is_another_line():
    ids = [f"actors.{name}.weight_information" for name in ("mife", "cidff", "plie")]
    found = in_lines(frame(*({"id": id_} for id_ in ids[:2]), {"id": ids[2], "note": "another"}))
    assert dict(zip(found["id"], found["rows"], strict=True)) == {
        "actors.*.weight_information": 2,
        ids[2]: 1,
    }


def test_two_keys_that_differ_are_two_lines():
    found = in_lines(frame({"id": "regions.11.cdd"}, {"id": "regions.94.cdi"}, {"id": "flows.a.b"}))
    assert set(found["id"]) == {"regions.11.cdd", "regions.94.cdi", "flows.a.b"}


def test_the_least_sure_come_first_and_among_them_the_widest_for_its_size():
    found = in_lines(
        frame(
            {"id": "flows.seen.a", "confidence": "observed", "low": 0.0, "mode": 1.0, "high": 100.0},
            {"id": "flows.narrow.a", "low": 90.0, "mode": 95.0, "high": 100.0},
            {"id": "flows.wide.a", "low": 0.1, "mode": 0.2, "high": 0.4},
            {"id": "flows.nought.a", "low": 0.0, "mode": 0.0, "high": 0.0},
            {"id": "flows.unread.a", "confidence": "to_verify"},
            {"id": "flows.made.a", "confidence": "derived"},
        )
    )
    assert [id_.split(".")[1] for id_ in found["id"]] == [
        "wide",
        "narrow",
        "nought",
        "unread",
        "made",
        "seen",
    ]


def test_every_figure_is_in_one_line():
    rows = [{"id": f"regions.{region}.{name}"} for region in ("11", "53", "94") for name in ("cdd", "cdi")]
    found = in_lines(frame(*rows, {"id": "unit_costs.overhead_rate.all"}))
    assert found["rows"].sum() == len(rows) + 1
    assert len(found) == 3
