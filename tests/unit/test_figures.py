"""The pictures of a run: whole files, the reader's language, the numbers of the frames, no more certainty
than there is."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.dates import date2num, num2date

from cepsim.experiment import Results, plan, run_scenarios
from cepsim.labels import label, labels_under
from cepsim.report import figures
from cepsim.report.figures import MOST_CURVES, pictures
from cepsim.report.many_scenarios import ManyScenarios
from cepsim.report.style import Numbers, colour, dashes, decimals_of, hatch, marker, sober
from cepsim.scenario import load_scenario

NAMES = ("attentes", "entonnoir", "files-d-attente", "couts")
TITLES = dict(zip(NAMES, ("waits", "funnel", "backlog", "costs"), strict=True))
STEPS = ("ask_accueil", "received", "conseil_entered", "conseil_finished", "files", "completed")


@pytest.fixture(scope="module")
def two():
    """Two replications of the reference and of a variant, a year each and a year of follow-up."""
    calendar = {"calendar.warm_up_years": 0, "calendar.follow_up_years": 1}
    variant = load_scenario("premiere-vague").derive(calendar, name="premiere-vague")
    return run_scenarios(plan([variant], regions=["94"], replications=2, years=1), workers=1)


def of(results, *ranks):
    """The same run with these replications."""
    measured = {name: [runs[rank] for rank in ranks] for name, runs in results.measured.items()}
    return Results(replace(results.plan, replications=len(ranks)), measured)


@pytest.fixture(scope="module")
def one(two):
    return of(two, 0)


@pytest.fixture(scope="module")
def three(two):
    """Three replications, the last a copy of the first: there is an interval, and it has a width."""
    return of(two, 0, 1, 0)


@pytest.fixture(scope="module")
def drawn(one):
    with sober():
        return pictures(one, "fr")


@pytest.fixture(scope="module")
def drawn_of_three(three):
    with sober():
        return pictures(three, "fr")


def texts(picture):
    """Every text of a picture."""
    legends = [text.get_text() for legend in picture.legends for text in legend.get_texts()]
    axes = [t for axis in picture.axes for t in (axis.get_title(), axis.get_xlabel(), axis.get_ylabel())]
    return [picture.get_suptitle(), *(text.get_text() for text in picture.texts), *legends, *axes]


def reading(picture):
    """The caption without its line ends."""
    return " ".join(" ".join(text.get_text() for text in picture.texts).split())


def only(frame, **keys):
    for column, value in keys.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1, keys
    return frame.iloc[0]


def horizon(results, scenario, indicator, **keys):
    usual = dict.fromkeys(("region", "operator", "stage", "public", "team", "period"), "all")
    return only(results.indicators, scenario=scenario, indicator=indicator, **{**usual, **keys})


# -- files and words -----------------------------------------------------------------------------------------


def test_every_picture_is_written_whole_in_both_formats(one, tmp_path):
    written = figures(one, tmp_path / "pictures", "fr")
    assert [path.name for path in written] == [f"{name}.{kind}" for name in NAMES for kind in ("png", "svg")]
    for path in written:
        if path.suffix == ".png":
            bits = path.read_bytes()
            assert bits.startswith(b"\x89PNG")
            assert bits[-8:-4] == b"IEND"
        else:
            assert ET.parse(path).getroot().tag.endswith("svg")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_cut_at_the_edge_of_a_picture(drawn, name):
    assert_nothing_is_cut(drawn[name])


def assert_nothing_is_cut(picture):
    box, edge = picture.get_tightbbox(), picture.get_size_inches()
    assert 0 <= box.x0 < box.x1 <= edge[0]
    assert 0 <= box.y0 < box.y1 <= edge[1]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_texts_are_in_the_language_asked_for(one, drawn, language):
    with sober():
        made = drawn if language == "fr" else pictures(one, language)
    for name, picture in made.items():
        title = label(f"figure.{TITLES[name]}.title", language)
        assert picture.get_suptitle() == title
        for part in ("reading", "scope", "source", "note"):
            assert label(f"figure.{part}", language) in reading(picture)
        other = {"fr": "1 replication", "en": "1 réplication"}[language]
        assert other not in reading(picture)
        assert {"fr": "1 réplication", "en": "1 replication"}[language] in reading(picture)
    (scenarios,) = {tuple(s.title.fr if language == "fr" else s.title.en for s in one.plan.scenarios)}
    assert [text.get_text() for text in made["entonnoir"].legends[0].get_texts()] == list(scenarios)


def test_one_year_is_one_year_and_not_a_range(drawn):
    for picture in drawn.values():
        assert "en 2015" in reading(picture) or "de 2015 à 2015" not in reading(picture)
    assert "tombe en 2015" in reading(drawn["entonnoir"])


def test_every_axis_says_what_it_counts(drawn):
    assert [axis.get_xlabel() for axis in drawn["attentes"].axes] == ["jours depuis la demande d'accueil"] * 2
    assert drawn["attentes"].axes[0].get_ylabel() == "part de ceux qui demandent"
    assert [axis.get_xlabel() for axis in drawn["entonnoir"].axes] == ["personnes"]
    assert drawn["files-d-attente"].axes[0].get_ylabel() == "personnes"
    assert [axis.get_xlabel() for axis in drawn["couts"].axes] == ["millions d'euros constants 2013"]


@pytest.mark.parametrize("name", NAMES)
def test_a_legend_names_each_thing_once_and_never_sits_on_data(drawn, name):
    picture = drawn[name]
    picture.canvas.draw()
    (legend,) = picture.legends
    assert [axis.get_legend() for axis in picture.axes] == [None] * len(picture.axes)
    entries = [text.get_text() for text in legend.get_texts()]
    assert len(set(entries)) == len(entries)
    box = legend.get_window_extent()
    assert not any(box.overlaps(axis.get_window_extent()) for axis in picture.axes)
    assert box.x1 <= picture.bbox.x1


@pytest.mark.parametrize("name", NAMES)
def test_ticks_are_told_apart(drawn, name):
    picture = drawn[name]
    picture.canvas.draw()
    for axis in picture.axes:
        for side in (axis.xaxis, axis.yaxis):
            words = [tick.get_text() for tick in side.get_ticklabels() if tick.get_text()]
            assert len(set(words)) == len(words) > 0


@pytest.mark.parametrize(
    ("values", "decimals"), [([0, 2000], 0), ([0.0, 0.5, 1.0], 1), ([0.25, 0.5], 2), ([1 / 3], 6), ([], 0)]
)
def test_an_axis_takes_the_decimals_it_needs(values, decimals):
    assert decimals_of(values) == decimals


def test_the_numbers_of_an_axis_are_written_alike():
    assert Numbers("fr").format_ticks([0.0, 0.5, 1.0]) == ["0,0", "0,5", "1,0"]
    assert Numbers("en").format_ticks([0.0, 2500.0]) == ["0", "2,500"]


# -- numbers -------------------------------------------------------------------------------------------------


def test_the_bars_of_the_funnel_are_the_people_of_the_frame(one, drawn):
    (axis,) = drawn["entonnoir"].axes
    bars = [c for c in axis.containers if isinstance(c, BarContainer)]
    for container, scenario in zip(bars, one.plan.scenarios, strict=True):
        widths = [bar.get_width() for bar in container]
        assert widths == [horizon(one, scenario.name, f"people_{step}")["mean"] for step in STEPS]


def test_the_blocks_of_a_cost_sum_to_its_total_and_labels_say_net(one, drawn):
    (axis,) = drawn["couts"].axes
    blocks = [c for c in axis.containers if isinstance(c, BarContainer)]
    assert len(blocks) == len(labels_under("figure.block"))
    for rank, scenario in enumerate(one.plan.scenarios):
        total = only(one.costs, scenario=scenario.name, cut="total")["mean"]
        assert sum(block[rank].get_width() for block in blocks) == pytest.approx(total / 1e6)
    said = [text.get_text() for text in axis.texts]
    assert "net" not in said[0]
    assert "net" in said[1]


def test_the_curve_of_received_is_the_share_of_the_frame(one, drawn):
    for axis, operator in zip(drawn["attentes"].axes, ("opacif", "pole_emploi"), strict=True):
        for rank, scenario in enumerate(one.plan.scenarios):
            (received, left) = [li for li in axis.lines if to_hex(li.get_color()) == colour(rank).lower()]
            for day in (30, 90):
                at = int(np.searchsorted(received.get_xdata(), day))
                share = horizon(one, scenario.name, f"received_by_{day}d", operator=operator, stage="accueil")
                assert received.get_ydata()[at] == pytest.approx(share["mean"], abs=1e-9)
            lost = horizon(one, scenario.name, "share_lost", operator=operator, stage="accueil")
            unknown = horizon(one, scenario.name, "share_unknown", operator=operator, stage="accueil")
            assert 1 - left.get_ydata()[-1] <= lost["mean"] + unknown["mean"] + 1e-9


def test_the_queue_is_that_of_each_monday_nought_where_nobody_waits(one, drawn):
    rows = one.indicators[(one.indicators["indicator"] == "backlog") & (one.indicators["region"] == "all")]
    rows = rows[(rows["operator"] == "opacif") & (rows["stage"] == "accueil")]
    axis = drawn["files-d-attente"].axes[0]
    for line, scenario in zip(axis.lines, one.plan.scenarios, strict=False):
        known = rows[rows["scenario"] == scenario.name].set_index("period")["mean"].to_dict()
        days = [day.astype("datetime64[D]").item() for day in line.get_xdata()]
        assert all(day.weekday() == 0 for day in days)
        assert set(known) <= {day.isoformat() for day in days}
        assert list(line.get_ydata()) == [known.get(day.isoformat(), 0.0) for day in days]


def test_the_end_of_the_horizon_is_drawn_and_the_peak_read_aloud_comes_before_it(one, drawn):
    picture = drawn["files-d-attente"]
    for axis in picture.axes:
        ends = [line for line in axis.lines if line.get_label() == label("figure.horizon_end")]
        assert [line.get_xdata()[0] for line in ends] == [date2num(date(2016, 1, 1))]
        assert num2date(axis.get_xlim()[1]).date() > date(2016, 6, 1)
    assert label("figure.horizon_end") in texts(picture)
    line = picture.axes[0].lines[len(one.plan.scenarios) - 1]
    inside = line.get_xdata() < np.datetime64("2016-01-01")
    peak = np.argmax(line.get_ydata()[inside])
    when = line.get_xdata()[inside][peak].astype("datetime64[D]").item()
    assert f"le {when:%d/%m/%Y}" in reading(picture)
    assert f"jusqu'à {line.get_ydata()[inside][peak]:.0f} personnes" in reading(picture)


# -- uncertainty ---------------------------------------------------------------------------------------------


def uncertainty(made):
    """Error bars of the funnel, bands of the queues."""
    bars = [c for c in made["entonnoir"].axes[0].containers if isinstance(c, ErrorbarContainer)]
    bands = [c for a in made["files-d-attente"].axes for c in a.collections if isinstance(c, PolyCollection)]
    return bars, bands


def test_no_uncertainty_is_drawn_under_three_replications(two, drawn):
    assert uncertainty(drawn) == ([], [])
    with sober():
        assert uncertainty(pictures(two, "fr")) == ([], [])
    for name in ("entonnoir", "files-d-attente"):
        assert label("figure.no_interval") in reading(drawn[name])


def test_three_replications_have_bars_and_bands_as_wide_as_the_frame_says(three, drawn_of_three):
    bars, bands = uncertainty(drawn_of_three)
    assert len(bars) == len(three.plan.scenarios)
    assert len(bands) == len(three.plan.scenarios) * len(drawn_of_three["files-d-attente"].axes)
    (segments,) = bars[0].lines[2]
    row = horizon(three, "reference", "people_ask_accueil")
    assert segments.get_segments()[0][:, 0].tolist() == pytest.approx([row["low"], row["high"]])
    assert row["low"] < row["mean"] < row["high"]
    assert label("figure.bars") in reading(drawn_of_three["entonnoir"])
    assert label("figure.band") in reading(drawn_of_three["files-d-attente"])


# -- many scenarios ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def by_row(three):
    """The pictures of many scenarios, drawn with the few there are."""
    with sober():
        drawer = ManyScenarios(three, "fr")
        return {"attentes": drawer.waits(), "entonnoir": drawer.funnel(), "files-d-attente": drawer.backlog()}


def bars_of(axis):
    """The bars of an axis, a list a part, in rows of scenarios."""
    return [list(c) for c in axis.containers if isinstance(c, BarContainer)]


def test_curves_are_told_apart_as_long_as_there_are_few_and_blocks_of_costs_always():
    assert len({(colour(rank), dashes(rank), marker(rank)) for rank in range(MOST_CURVES)}) == MOST_CURVES
    blocks = range(len(labels_under("figure.block")))
    assert len({(colour(rank), hatch(rank)) for rank in blocks}) == len(blocks)


@pytest.mark.parametrize("extra", [0, 1])
def test_many_scenarios_have_a_row_each_in_place_of_a_curve(three, extra, monkeypatch):
    monkeypatch.setattr(sys.modules[pictures.__module__], "MOST_CURVES", len(three.plan.scenarios) - extra)
    with sober():
        made = pictures(three, "fr")
    titles = [scenario.title.fr for scenario in three.plan.scenarios]
    for name in ("attentes", "files-d-attente"):
        rows = [" ".join(tick.get_text().split()) for tick in made[name].axes[0].get_yticklabels()]
        assert (rows == titles) == bool(extra)


@pytest.mark.parametrize("name", ["attentes", "entonnoir", "files-d-attente"])
def test_rows_keep_within_their_picture(by_row, name):
    assert_nothing_is_cut(by_row[name])


def test_a_row_of_waits_shares_everybody_out_and_counts_what_is_unknown_as_not_received(three, by_row):
    for axis, operator in zip(by_row["attentes"].axes, ("opacif", "pole_emploi"), strict=True):
        parts = bars_of(axis)
        for rank, scenario in enumerate(three.plan.scenarios):
            widths = [bars[rank].get_width() for bars in parts]
            assert sum(widths) == pytest.approx(1)
            for upto, day in ((2, 30), (3, 90)):
                known = horizon(
                    three, scenario.name, f"received_by_{day}d", operator=operator, stage="accueil"
                )
                assert sum(widths[:upto]) == pytest.approx(known["mean"], abs=1e-3)


def test_a_row_of_the_funnel_is_the_people_of_the_frame_with_their_interval(three, by_row):
    for axis, step in zip(by_row["entonnoir"].axes, STEPS, strict=True):
        (bars,) = bars_of(axis)
        known = [horizon(three, s.name, f"people_{step}")["mean"] / 1000 for s in three.plan.scenarios]
        assert [bar.get_width() for bar in bars] == pytest.approx(known)
        assert any(isinstance(c, ErrorbarContainer) for c in axis.containers)


def test_a_row_of_the_queue_has_its_longest_monday_and_its_last_within_the_horizon(three, by_row):
    rows = three.indicators[
        (three.indicators["indicator"] == "backlog") & (three.indicators["region"] == "all")
    ]
    rows = rows[
        (rows["operator"] == "opacif") & (rows["stage"] == "accueil") & (rows["period"] < "2016-01-01")
    ]
    longest, last = by_row["files-d-attente"].axes[0].lines
    for rank, scenario in enumerate(three.plan.scenarios):
        mine = rows[rows["scenario"] == scenario.name].set_index("period")["mean"]
        assert longest.get_xdata()[rank] == mine.max()
        assert last.get_xdata()[rank] == mine.get("2015-12-28", 0.0)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a home that cannot be made")
def test_a_home_that_cannot_be_written_is_no_reason_to_say_anything():
    given = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "MPL"))}
    told = subprocess.run(
        [sys.executable, "-c", "from cepsim.report.style import save; import matplotlib.pyplot"],
        env=given | {"HOME": "/proc/none"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert (told.stdout, told.stderr) == ("", "")
