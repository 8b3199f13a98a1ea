"""Figures by id, the look-ups of the guide, overrides, and the frames."""

import pickle
import re
from dataclasses import dataclass
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cepsim.errors import TableError, nearest_ids
from cepsim.tables import Tables, load_tables
from cepsim.tables.schema import TABLES

load_once = cache(load_tables)
VALID_ID = re.compile(r"[a-z0-9_.@-]+")


@dataclass(frozen=True)
class Range:
    low: float
    mode: float
    high: float
    reason: str = "tried"


@pytest.fixture(scope="module")
def tables() -> Tables:
    return load_once()


def test_ids_need_no_quotes_and_are_unique(tables):
    ids = tables.ids()
    assert len(ids) == len(set(ids)) == len(tables.figures)
    assert all(VALID_ID.fullmatch(id_) for id_ in ids)
    assert all(tables.figure(id_).id == id_ for id_ in ids)


def test_only_what_was_known_and_is_an_input_has_a_plain_id(tables):
    for id_ in tables.ids():
        figure = tables.figure(id_)
        assert figure.addressable == ("@" not in id_)
        assert figure.addressable == (figure.vintage == "ex_ante" and figure.use == "input")


def test_every_figure_says_where_it_is_written(tables):
    figure = tables.figure("demand.salaries_prives.stock.p_accueil")
    assert (figure.low, figure.mode, figure.high, figure.unit) == (0.15, 0.183, 0.22, "share")
    assert (figure.file, figure.confidence) == ("demand.csv", "derived")
    assert figure.line > 1


def test_a_key_written_in_several_years_is_named_by_the_year(tables):
    assert tables.figure("flows.cif_cdi.pris_en_charge@2010").mode_in_base == 35_336
    assert tables.figure("flows.cif_cdi.pris_en_charge@2011").mode_in_base == 33_300
    assert not tables.has("flows.cif_cdi.pris_en_charge")


def test_the_same_quantity_before_and_after_november_2013_is_not_a_repetition(tables):
    assert tables.figure("operators.opacif.advisers_fte").mode == 260
    assert tables.figure("operators.opacif.advisers_fte@ex_post").mode == 330


def test_an_unknown_id_gets_the_nearest_one(tables):
    with pytest.raises(TableError, match=r'Did you mean "unit_costs\.full_cost_per_fte\.opacif"\?'):
        tables.figure("unit_costs.full_cost_per_ftes.opacif")


def test_the_digest_is_that_of_the_files_alone(tables):
    assert tables.digest == load_tables().digest
    id_ = "calendar.patience_mean.telephone"
    assert tables.with_overrides({id_: Range(1, 2, 3)}).digest == tables.digest
    assert re.fullmatch(r"[0-9a-f]{64}", tables.digest)


def test_tables_travel_between_processes(tables):
    again = pickle.loads(pickle.dumps(tables))  # noqa: S301 - our own bytes
    assert again == tables
    with pytest.raises(TypeError):
        again.figures["calendar.retry_max.telephone"] = None


@pytest.mark.parametrize("name", TABLES)
def test_a_frame_holds_every_row_and_column_of_its_table(tables, name):
    frame = tables.frame(name)
    assert list(frame["id"]) == list(tables.ids(name))
    assert set(TABLES[name].columns) <= set(frame.columns)
    assert frame["mode"].dtype == float


def test_a_frame_is_a_copy(tables):
    frame = tables.frame("payers")
    frame["mode"] = 0.0
    assert tables.frame("payers")["mode"].sum() > 0


def test_an_unknown_table_gets_the_nearest_one(tables):
    with pytest.raises(TableError, match='Did you mean "stages"'):
        tables.frame("stage")


def test_the_regions_are_those_of_2012(tables):
    assert len(tables.regions) == 26
    assert sum(region.zone == "metropole" for region in tables.regions) == 22
    assert sum(region.pilot for region in tables.regions) == 8
    codes = {region.code: region for region in tables.regions}
    assert codes["42"].holidays == "alsace_moselle"
    assert codes["01"].name == "Guadeloupe"
    assert codes["04"].utc_offset_hours == 3


# Which row of `stages` wins.


def look(tables, stage, parameter, population, operator="opacif", intensity="actuelle", project="all"):
    return tables.stage(
        stage, parameter, population=population, operator=operator, intensity=intensity, project=project
    )


@pytest.mark.parametrize(
    ("asked", "row"),
    [
        # (population, intensity)
        (("conseil", "interviews", "salaries"), "conseil.interviews.salaries.all.actuelle.all"),
        # (population, all), although a row of all populations exists
        (("conseil", "interviews", "jeunes"), "conseil.interviews.jeunes.all.all.all"),
        # (all, all)
        (("conseil", "duration", "jeunes"), "conseil.duration.all.all.all.all"),
        # (all, intensity) before (all, all)
        (
            ("accueil", "p_redirect_other_operator", "jeunes"),
            "accueil.p_redirect_other_operator.all.all.actuelle.all",
        ),
        # a public in work reads the rows of salaries, unless it has its own
        (("conseil", "duration", "interimaires"), "conseil.duration.salaries.all.actuelle.all"),
        (
            ("conseil", "bdc_eligibility_seniority", "salaries_cdi"),
            "conseil.bdc_eligibility_seniority.salaries_cdi.all.all.all",
        ),
        # the operator's own row
        (("information", "share_phone", "salaries"), "information.share_phone.all.opacif.all.all"),
        (
            ("information", "share_phone", "jeunes", "missions_locales"),
            "information.share_phone.all.all.all.all",
        ),
    ],
)
def test_the_most_specific_row_wins(tables, asked, row):
    assert look(tables, *asked).id == f"stages.{row}"


def test_a_row_that_names_the_project_wins_over_one_that_does_not(tables):
    prepared = "file_preparation_elapsed"
    assert look(tables, "ingenierie", prepared, "salaries", project="formation").keys[-1] == "formation"
    assert look(tables, "ingenierie", prepared, "salaries", project="vae").keys[-1] == "all"


def test_the_population_wins_over_the_project(tables):
    decision = "financer_decision"
    assert look(tables, "ingenierie", decision, "salaries", project="formation").mode == 45
    assert look(tables, "ingenierie", decision, "jeunes", project="formation").mode == 30


def test_a_check_is_never_read_as_a_parameter(tables):
    assert tables.has("stages.ingenierie.p_acceptance.salaries_cdi.all.all.formation@check")
    assert look(tables, "ingenierie", "p_acceptance", "salaries_cdi", project="formation") is None


def test_a_public_without_a_row_reads_that_of_private_employees(tables):
    assert tables.demand("salaries_cdd", "stock", "p_accueil").key("public") == "salaries_prives"
    assert tables.demand("interimaires", "stock", "first_requests").key("public") == "interimaires"
    assert tables.demand("de_licenciement_eco", "stock", "first_requests") is None


# Overrides.


def test_an_override_changes_one_figure_and_says_why(tables):
    id_ = "stages.conseil.interviews.salaries.all.actuelle.all"
    other = tables.with_overrides({id_: Range(1, 2, 4, "as the pilots")})
    figure = other.figure(id_)
    assert (figure.low, figure.mode, figure.high) == (1, 2, 4)
    assert (figure.note, figure.confidence, figure.overridden) == ("as the pilots", "hypothesis", True)
    assert tables.figure(id_).mode == 1.5
    assert {i for i in tables.ids() if tables.figure(i) != other.figure(i)} == {id_}
    assert look(other, "conseil", "interviews", "salaries").mode == 2


@pytest.mark.parametrize(
    ("id_", "change", "words"),
    [
        ("stages.conseil.interview.salaries.all.actuelle.all", Range(1, 2, 3), "Did you mean"),
        ("operators.opacif.advisers_fte@ex_post", Range(1, 2, 3), "November 2013"),
        ("demand.salaries_prives.stock.p_accueil", Range(0.1, 0.2, 1.2), "from 0 to 1"),
        ("demand.salaries_prives.stock.p_accueil", Range(0.3, 0.2, 0.4), "low <= mode <= high"),
        ("demand.salaries_prives.stock.p_accueil", Range(0.1, float("nan"), 0.4), "finite"),
        ("calendar.retry_max.telephone", Range(1, 2, float("inf")), "finite"),
        ("payers.pole_emploi.operating_cost.etat", Range(0.4, 0.4, 0.4), "sum to 1"),
        ("publics.stock.independants.persons", Range(2700, 2800, 2900), "sum to 25520"),
    ],
)
def test_an_override_that_cannot_be_is_refused_with_the_scenario_s_name(tables, id_, change, words):
    with pytest.raises(TableError) as caught:
        tables.with_overrides({id_: change}, file="essai.toml")
    assert str(caught.value).startswith("essai.toml: ")
    assert words in str(caught.value)


def test_shares_moved_together_are_accepted(tables):
    other = tables.with_overrides(
        {
            "payers.missions_locales.operating_cost.etat": Range(0.4, 0.4, 0.4),
            "payers.missions_locales.operating_cost.collectivites": Range(0.45, 0.45, 0.45),
        }
    )
    assert other.figure("payers.missions_locales.operating_cost.etat").mode == 0.4


def test_every_wrong_override_is_reported(tables):
    with pytest.raises(TableError) as caught:
        tables.with_overrides({"no.such": Range(1, 2, 3), "calendar.retry_max.telephone": Range(3, 2, 1)})
    assert len(caught.value.problems) == 2


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_an_override_is_accepted_if_and_only_if_its_range_is_in_order(low, mode, high):
    tables = load_once()
    id_ = "calendar.share_outside_opening.telephone"
    if low <= mode <= high:
        figure = tables.with_overrides({id_: Range(low, mode, high)}).figure(id_)
        assert (figure.low, figure.mode, figure.high) == (low, mode, high)
    else:
        with pytest.raises(TableError, match="low <= mode <= high"):
            tables.with_overrides({id_: Range(low, mode, high)})


@pytest.mark.parametrize(
    ("id_", "near"),
    [
        ("stages.p_redirect", "stages.accueil.p_redirect_other_operator.all.all.all.all"),
        ("autonomy_low", "publics.attribute.salaries.autonomy_low"),
        ("learning", "unit_costs.learning_productivity.new_adviser"),
    ],
)
def test_an_id_of_which_a_word_is_remembered_finds_those_that_hold_it(tables, id_, near):
    with pytest.raises(TableError, match="The nearest ids: ") as caught:
        tables.figure(id_)
    remedy = caught.value.remedy
    named = remedy.removeprefix("The nearest ids: ").removesuffix(".").split(", ")
    assert near in named
    assert len(named) == 3


def test_no_id_is_near_where_there_is_none():
    assert nearest_ids("a.b", []) == ""
    assert nearest_ids("unit_costs.ad", ["unit_costs.a"]) == 'Did you mean "unit_costs.a"?'


@pytest.mark.parametrize("id_", ["p_conseil", "stage.accueil.p_conseil", "none"])
def test_an_id_of_no_table_names_no_file_that_does_not_exist(tables, id_):
    with pytest.raises(TableError, match=r"^figures: id: found") as caught:
        tables.figure(id_)
    assert ".csv" not in str(caught.value)
