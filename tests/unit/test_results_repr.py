"""What a run answers when its name is typed: one sentence, and a small list in a notebook."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cepsim.experiment import plan, run_scenarios
from cepsim.experiment.sentence import findings, headline
from cepsim.scenario import load_scenario
from cepsim.units import format_euros, format_number, format_share

TITLE = "Première vague <b>& suite</b>"


@pytest.fixture(scope="module")
def results():
    short = {"calendar.warm_up_years": 0, "calendar.follow_up_years": 0}
    titled = {"title": {"fr": TITLE, "en": "First wave"}}
    variant = load_scenario("premiere-vague").derive(short | titled, name="vague")
    return run_scenarios(plan([variant], regions=["94"], replications=1, years=1), workers=1)


def only(frame, **keys):
    for column, value in keys.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1
    return frame["mean"].iloc[0]


def of_accueil(results, scenario, indicator):
    whole = dict.fromkeys(("region", "public", "team", "period"), "all") | {"operator": "opacif"}
    frame = results.indicators
    return only(frame, scenario=scenario, stage="accueil", indicator=indicator, **whole)


def test_the_sentence_says_where_how_long_and_how_many_times(results):
    assert repr(results).startswith("Corse (94), 1 an, 1 réplication — ")
    assert repr(results).endswith(".")
    assert "\n" not in repr(results)


def test_each_scenario_has_the_share_lost_and_the_median_wait_of_the_opacif_and_its_net_cost(results):
    first, second = findings(results.plan, results.indicators, results.net_costs)
    for clause, name in ((first, "reference"), (second, "vague")):
        wait = of_accueil(results, name, "wait_p50_working_days")
        lost = of_accueil(results, name, "share_lost")
        assert f"({name})" in clause
        assert f"de {format_number(wait, 'fr', 1)} j ouvrés" in clause
        assert f"aux OPACIF, {format_share(lost, 'fr', 1)} perdus" in clause
        assert clause.index("perdus") < clause.index("attente")
        assert clause in repr(results)
    net = only(results.net_costs, scenario="vague", cut="total", indicator="net")
    assert net > 0
    assert second.endswith(f"coût net {format_euros(round(net * 100), 'fr', 2, 'M')}")
    assert "coût net" not in first


def test_the_notebook_shows_the_same_words_escaped_and_little_of_them(results):
    shown = results._repr_html_()
    assert "<b>" not in shown
    assert "Première vague &lt;b&gt;&amp; suite&lt;/b&gt; (vague)" in shown
    assert shown.count("<li>") == len(results.plan.scenarios)
    assert len(shown) < 1000


def test_the_sentence_is_in_english_on_request(results):
    assert headline(results.plan, "en") == "Corse (94), 1 year, 1 replication"
    clause = findings(results.plan, results.indicators, results.net_costs, "en")[1]
    assert clause.startswith("First wave (vague): at the OPACIF, ")


def test_a_median_that_is_not_reached_is_a_bound_and_what_is_not_there_a_dash(results):
    found = results.indicators.copy()
    median = found["indicator"] == "wait_p50_working_days"
    found.loc[median, "mean"] = np.nan
    found.loc[median, "beyond"] = 62.0
    found = found[found["indicator"] != "share_lost"]
    clause = findings(results.plan, found, results.net_costs)[0]
    assert "– perdus avant l'accueil, attente médiane d'un accueil de > 62,0 j ouvrés" in clause


def test_a_row_that_is_there_twice_is_refused(results):
    twice = pd.concat([results.indicators, results.indicators])
    with pytest.raises(ValueError, match="expected one"):
        findings(results.plan, twice, results.net_costs)


def test_many_regions_are_counted_and_a_few_are_named(results):
    regions = tuple(region.code for region in results.plan.tables.regions)
    several = replace(results.plan, regions=regions, replications=3)
    assert headline(several) == f"{len(regions)} régions, 1 an, moyennes de 3 réplications"
    assert headline(replace(results.plan, regions=("53", "94"))).startswith("Bretagne (53), Corse (94), ")
