"""The rows of the dossier's checklists: their codes, where each stands, and what shows it.

Names and answers are labels, under `dossier.<list>.<key>`. A state is fixed here, or found from the facts of
the run. Evidence is a file of the project, or a test as `tests/unit/test_x.py::test_y`: a test holds that
each exists.

Sources: STRESS-DES, Monks et al. 2019 (Journal of Simulation 13:55-67), 20 items of which the last of the
logic has five parts; the checklist derived from the ISPOR-SMDM reports, Zhang, Lhachimi & Rogowski 2020
(Value in Health 23:506-514); levels of RAP, NHS RAP Community of Practice, as of
September 2024.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from cepsim.indicators import ENOUGH_REPLICATIONS
from cepsim.report.dossier_facts import Facts

State = Literal["yes", "partly", "no", "people"]
#: "people": no program can answer; it takes somebody who is not its author.
STATES: Final[tuple[State, ...]] = ("yes", "partly", "no", "people")
Checklist = Literal["stress", "ispor", "rap"]
CHECKLISTS: Final[tuple[Checklist, ...]] = ("stress", "ispor", "rap")


@dataclass(frozen=True, slots=True)
class Item:
    """A row: its code as published (or its level), the key of its labels, its state, and what shows it."""

    code: str
    key: str
    state: State | Callable[[Facts], State]
    evidence: tuple[str, ...] = ()

    def state_in(self, facts: Facts) -> State:
        """Where the row stands for a run."""
        return self.state(facts) if callable(self.state) else self.state


def _enough(facts: Facts) -> State:
    """Replications: an interval that is more than an indication."""
    return "yes" if facts.run.plan.replications >= ENOUGH_REPLICATIONS else "partly"


def _measured(facts: Facts) -> State:
    """A sensitivity analysis: there for some hypotheses, or one figure at a time on request."""
    return "yes" if facts.impacts else "partly"


def _backtested(facts: Facts) -> State:
    return "yes" if facts.has_backtest else "partly"


def _in_the_open(facts: Facts) -> State:
    """Whether the program says where it is published."""
    return "yes" if facts.addresses else "no"


def _obtainable(facts: Facts) -> State:
    return "yes" if facts.addresses else "partly"


STRESS: Final = (
    Item("1.1", "purpose", "yes", ("cepsim/SEED.md", "tests/unit/test_seed.py")),
    Item(
        "1.2",
        "outputs",
        "yes",
        (
            "cepsim/indicators/estimates.py",
            "cepsim/indicators/intervals.py",
            "tests/unit/test_experiment.py::test_every_ledger_closes_and_a_cent_astray_is_noticed",
        ),
    ),
    Item(
        "1.3",
        "aims",
        "yes",
        (
            "cepsim/report/questions.py",
            "tests/unit/test_scenario_files.py::test_every_shipped_scenario_is_valid_and_says_its_words_in_both_languages",
        ),
    ),
    Item(
        "2.1",
        "diagram",
        "yes",
        ("tests/unit/test_stations.py::test_every_station_leads_on_or_out_for_every_profile",),
    ),
    Item("2.2", "logic", "yes", ("cepsim/RULES.md", "tests/engines/test_rules_by_hand.py")),
    Item(
        "2.3",
        "scenario_logic",
        "yes",
        (
            "scenarios/central.toml",
            "tests/unit/test_scenario_files.py::test_central_differs_from_the_first_wave_by_what_its_debate_says",
        ),
    ),
    Item(
        "2.4",
        "algorithms",
        "yes",
        (
            "cepsim/people/demand.py",
            "cepsim/people/staffing.py",
            "cepsim/people/commissions.py",
            "tests/engines/test_overflow.py",
            "tests/engines/test_commission.py",
        ),
    ),
    Item(
        "2.5.1",
        "entities",
        "yes",
        (
            "cepsim/people/crowd.py",
            "tests/unit/test_demand.py::test_the_numbers_of_each_source_are_those_of_the_tables",
        ),
    ),
    Item(
        "2.5.2",
        "activities",
        "yes",
        (
            "cepsim/people/stations.py",
            "tests/unit/test_stations.py::test_interviews_and_what_follows_them_last_what_the_tables_say",
        ),
    ),
    Item(
        "2.5.3",
        "resources",
        "yes",
        (
            "cepsim/people/staffing.py",
            "tests/unit/test_staffing.py::test_all_regions_together_have_the_posts_of_the_tables",
        ),
    ),
    Item(
        "2.5.4",
        "queues",
        "yes",
        (
            "tests/engines/test_rules_by_hand.py::test_priority_comes_before_date_and_date_before_person",
            "tests/engines/test_engine_laws.py::test_teams_call_in_exactly_whom_the_rules_say",
            "tests/unit/test_stations.py::test_of_those_who_wait_the_weekly_share_of_the_tables_gives_up",
        ),
    ),
    Item(
        "2.5.5",
        "entry_exit",
        "yes",
        (
            "cepsim/people/sources.py",
            "tests/engines/test_engine_laws.py::test_everybody_leaves_once_or_is_still_there",
        ),
    ),
    Item("3.1", "data_sources", "partly", ("data/insee_2012/README.md", "cepsim/tables/checks.py")),
    Item(
        "3.2",
        "preprocessing",
        "yes",
        ("cepsim/tables/raking.py", "tests/unit/test_raking.py::test_both_margins_are_exact"),
    ),
    Item(
        "3.3",
        "parameters",
        "partly",
        (
            "cepsim/laws.py",
            "tests/unit/test_laws.py::test_mean_and_second_moment_hold",
            "tests/unit/test_provenance.py::test_a_figure_that_nothing_reads_is_not_listed",
        ),
    ),
    Item(
        "3.4",
        "assumptions",
        "yes",
        ("tests/unit/test_scenario_files.py::test_a_hypothesis_needs_a_range_in_order_and_its_why",),
    ),
    Item(
        "4.1",
        "initialisation",
        "partly",
        (
            "cepsim/RULES.md",
            "tests/unit/test_experiment.py::test_scenarios_with_the_same_warm_up_share_it",
        ),
    ),
    Item("4.2", "run_length", "yes", ("cepsim/people/horizon.py",)),
    Item(
        "4.3",
        "estimation",
        _enough,
        (
            "cepsim/experiment/precision.py",
            "tests/peers/test_sim_tools.py::test_the_number_is_that_of_sim_tools",
            "tests/unit/test_experiment.py::test_fewer_than_three_replications_have_no_interval_in_any_frame",
        ),
    ),
    Item("5.1", "software", "partly", ("requirements.lock", "pyproject.toml")),
    Item(
        "5.2",
        "sampling",
        "yes",
        (
            "cepsim/draws.py",
            "tests/unit/test_draws.py::test_numpy_gives_the_published_vectors",
            "tests/unit/test_demand.py::test_people_common_to_two_scenarios_have_the_same_draws",
        ),
    ),
    Item(
        "5.3",
        "execution",
        "yes",
        (
            "cepsim/RULES.md",
            "tests/engines/test_two_engines.py::test_both_engines_write_the_same_trace_and_stop_in_the_same_state",
            "tests/unit/test_experiment.py::test_results_are_the_same_with_one_process_or_two",
        ),
    ),
    Item("5.4", "system", "no", ("cepsim/experiment/bench.py", "cepsim/experiment/fit.py")),
    Item("6.1", "sharing", _obtainable, ("LICENSE", "README.md", "requirements.lock")),
)

ISPOR: Final = (
    Item("1", "problem", "yes", ("cepsim/SEED.md",)),
    Item("2", "setting", "yes", ("data/insee_2012/README.md",)),
    Item(
        "3",
        "structure",
        "yes",
        ("tests/unit/test_stations.py::test_every_station_leads_on_or_out_for_every_profile",),
    ),
    Item("4", "horizon", "yes", ("cepsim/people/horizon.py",)),
    Item(
        "5",
        "strategies",
        "yes",
        ("tests/unit/test_scenario_files.py::test_reference_admits_nobody_and_counts_no_new_cost",),
    ),
    Item(
        "6",
        "population",
        "yes",
        ("tests/unit/test_raking.py::test_the_totals_of_slide_5_are_met_to_the_person",),
    ),
    Item("7", "sources", "yes", ("data/insee_2012/README.md",)),
    Item(
        "8",
        "parameters",
        "yes",
        (
            "tests/unit/test_provenance.py::test_a_figure_is_listed_with_its_range_its_source_and_the_modules_that_read_it",
        ),
    ),
    Item("9", "uncertainties", "partly", ("cepsim/indicators/intervals.py",)),
    Item("10", "sensitivity", _measured, ("cepsim/experiment/reach.py",)),
    Item("11", "face_validity", "people"),
    Item("12", "cross_validation", "no"),
    Item("13", "external_validation", "yes", ("data/insee_2012/marks.csv", "cepsim/indicators/marks.py")),
    Item(
        "14",
        "predictive_validation",
        _backtested,
        (
            "data/insee_2012/cep_realised.csv",
            "tests/unit/test_backtest.py::test_a_prediction_is_inside_where_its_interval_meets_what_was_published",
        ),
    ),
    Item("15", "generality", "yes", ("cepsim/network/builder.py", "tests/test_layers.py")),
    Item("16", "stakeholders", "people"),
    Item("17", "funding", "no"),
    Item("18", "limits", "yes", ("cepsim/SEED.md", "cepsim/RULES.md", "tests/unit/test_seed.py")),
)

#: The code is the level, each of which asks for those before it.
RAP: Final = (
    Item("bronze", "open_language", "yes", ("pyproject.toml",)),
    Item("bronze", "version_control", "yes", (".gitignore",)),
    Item("bronze", "readme", "yes", ("README.md", "Makefile")),
    Item("bronze", "peer_review", "people"),
    Item("bronze", "in_the_open", _in_the_open, ("LICENSE",)),
    Item(
        "silver",
        "produced_by_code",
        "yes",
        ("Makefile", "tests/unit/test_experiment.py::test_results_are_written_whole_with_a_manifest"),
    ),
    Item("silver", "documented", "yes", ("README.md", "cepsim/RULES.md", "cepsim/experiment/STORE.md")),
    Item("silver", "organised", "yes", ("pyproject.toml", "tests/test_layers.py")),
    Item("silver", "reusable", "yes", ("cepsim/__init__.py", "cepsim/network/builder.py")),
    Item("silver", "standards", "yes", ("pyproject.toml", "Makefile")),
    Item(
        "silver",
        "tests",
        "yes",
        (
            "tests/theory/test_engine.py::test_every_figure_is_as_exact_as_it_must_be",
            "cepsim/backtest/backtest.py",
        ),
    ),
    Item("silver", "dependencies", "yes", ("requirements.lock",)),
    Item("silver", "logs", "partly", ("cepsim/experiment/STORE.md",)),
    Item("silver", "tidy", "yes", ("cepsim/experiment/written.py",)),
    Item("gold", "packaged", "yes", ("pyproject.toml", "tests/test_wheel.py")),
    Item("gold", "integration", "partly", (".ci/run",)),
    Item("gold", "triggers", "no"),
    Item("gold", "signposted", "yes", ("CHANGELOG.md",)),
)
LEVELS: Final = tuple(dict.fromkeys(item.code for item in RAP))

ITEMS: Final[dict[Checklist, tuple[Item, ...]]] = {"stress": STRESS, "ispor": ISPOR, "rap": RAP}
