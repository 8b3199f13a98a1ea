"""Natures of cost: what each one counts, and its price as an exact fraction of a cent.

    paid hour of an adviser    full cost of a post / annual hours, of which time = 1 / (1 + overhead rate)
                               and structure (management, premises) the rest
    contact answered elsewhere full cost of a post of the actor / direct hours of a post x length of a visit
                               to a desk: the tables know no price of a contact there

Prices are the modes of the tables, a scenario's overrides included. What a price covers is written in its
column `includes`: two prices that would cover the same thing are refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from types import MappingProxyType
from typing import Final

from cepsim.errors import TableError
from cepsim.people.bilans import depth_hours
from cepsim.scenario.vocabulary import BILAN_DEPTHS, OPERATORS
from cepsim.tables import Figure, Tables
from cepsim.tables.actors import actor_rows, informing_actors
from cepsim.units import CENTS_PER_EURO, SECONDS_PER_HOUR, UNITS

_THOUSAND: Final = 1000
_UNCHANGED: Final = Fraction(1)


@dataclass(frozen=True, slots=True)
class Nature:
    """A nature of cost: the quantities that it counts, of one role where it is staff, and their unit."""

    code: str
    quantities: tuple[str, ...]
    unit: str
    role: str = ""


def _staff(role: str, name: str) -> tuple[Nature, ...]:
    return (
        Nature(f"{name}_used", ("used_s",), "seconds", role),
        Nature(f"{name}_idle", ("idle_s",), "seconds", role),
        Nature(f"{name}_outside", ("outside_s",), "seconds", role),
        Nature(f"{name}_overtime", ("overtime_s",), "seconds", role),
        Nature(f"{name}_structure", ("used_s", "idle_s", "outside_s"), "seconds", role),
    )


#: Time of lent advisers that CEP left free and that went back to their other work: no cost of the service.
GIVEN_BACK: Final = "advisers_given_back"
#: What is paid on top of advisers' time in the evening and on Saturday.
SHIFT_PAY: Final = "shift_pay"

#: Contacts that actors that inform answer in place of the operators: the operator of a row is the actor.
INFORMED: Final = "informed_elsewhere"

#: Bilans of the employer's plan: those that he decides, and those of people who have no right to the leave.
BILAN_OF_PLAN: Final = "bilan_plan"

NATURES: Final = (
    *_staff("advisers", "advisers"),
    Nature(GIVEN_BACK, ("given_back_s",), "seconds", "advisers"),
    # the supplement alone: the hours are among those of the advisers
    Nature(SHIFT_PAY, ("shift_s",), "seconds"),
    *_staff("first_line", "first_line"),
    Nature("telecom", ("calls",), "calls"),
    Nature("portal", ("web_visits",), "web_visits"),
    Nature(INFORMED, (INFORMED,), "contacts"),
    Nature("bilan_conge", ("bilans_conge",), "bilans"),
    *(Nature(f"bilan_{depth}", (f"bilans_{depth}",), "bilans") for depth in BILAN_DEPTHS),
    Nature("bilan_refused", ("bilans_refused",), "bilans"),
    Nature(BILAN_OF_PLAN, ("bilans_plan",), "bilans"),
    Nature("bilan_psychologist", ("bilans_psychologist",), "bilans"),
    Nature("tests", ("tests_s",), "seconds"),
    Nature("tests_psychologist", ("psychologist_tests_s",), "seconds"),
    Nature("instruction_repeated", ("instruction_s",), "seconds"),
    Nature("training_of_advisers", ("trained_thousandths",), "thousandths", "advisers"),
    Nature("recruitment", ("hires_thousandths",), "thousandths"),
    Nature("regional_coordination", ("coordination_s",), "seconds"),
    Nature("information_base", ("base_thousandths",), "thousandths"),
    Nature("shared_tools", ("active_persons",), "persons"),
    Nature("working_time_given", ("working_time_s",), "seconds"),
    Nature("account_hours", ("account_s",), "seconds"),
    Nature("account_bilans", ("account_bilans",), "bilans"),
    # what a mutualised fund pays is worked out from the rows of the others: nothing is counted for it
    Nature("mutualised_fund", (), "transfers"),
)

#: What accounts pay in place of the usual payers, and the nature that these pay otherwise.
ACCOUNTS: Final = MappingProxyType({"account_hours": "advisers_used", "account_bilans": "bilan_conge"})
FUND: Final = "mutualised_fund"
#: Natures that cost nothing: somebody pays what others do not.
TRANSFERS: Final = (*ACCOUNTS, FUND)

#: The time of posts that the service pays.
CAPACITY: Final = tuple(
    n.code
    for n in NATURES
    if n.role and n.unit == "seconds" and "overtime" not in n.code and n.code != GIVEN_BACK
)
#: Bilans that are a module of CEP: what each gives, at another price, is a bilan of employees all the same.
BILANS_BY_DEPTH: Final = tuple(f"bilan_{depth}" for depth in BILAN_DEPTHS)
#: What a bilan of one length costs, and an hour of those whose depth varies.
_ONE_LENGTH: Final = "bdc_price.opacif"
_BY_THE_HOUR: Final = "bilan_hour_price.all"
#: Of an hour in the evening or on Saturday, as a share of the time that it is paid on.
_SUPPLEMENT: Final = "unit_costs.evening_saturday_supplement.all"
#: Of what a contact at another actor is: the direct part of a post's hours, and how long it lasts.
_DIRECT: Final = "unit_costs.direct_service_share.dedicated_cep_adviser"
_VISIT: Final = "stages.information.walkin_duration.all.all.all.all"
#: Wages that employers pay anyway.
WORKING_TIME: Final = "working_time_given"
#: What one person more costs where the staff is there: time used, contacts, bilans, time given by employers.
#: Idle time, time outside direct service, structure and what opens the service are there whoever comes.
MARGINAL: Final = (
    *("advisers_used", "advisers_overtime", "first_line_used", "first_line_overtime", "telecom", "portal"),
    *("bilan_conge", "bilan_plan", "bilan_refused", "bilan_psychologist", "tests", "tests_psychologist"),
    INFORMED,
    WORKING_TIME,
)
#: Natures shown as one block each, in order, by what their code begins with; all that cost are in one.
BLOCKS: Final = MappingProxyType(
    {
        "advisers": ("advisers_", SHIFT_PAY),
        "first_line": ("first_line_", "telecom", "portal"),
        "bilans": ("bilan_", "tests"),
        "files": ("instruction_repeated",),
        "launch": ("training_of_advisers", "recruitment", "shared_tools"),
        "regions": ("regional_coordination", "information_base"),
        "employers": (WORKING_TIME,),
        "other_actors": (INFORMED,),
    }
)

#: Price of a nature at an operator, in cents for one unit.
Prices = Mapping[tuple[str, str], Fraction]


def prices(
    tables: Tables, active_persons: int, index: Fraction = _UNCHANGED, *, by_depth: bool = False
) -> Prices:
    """The price of every nature, by (nature, operator); operator "" where it is the same for all.

    Prices of the tables are multiplied by `index`, euros of the year of prices for one of theirs.
    `active_persons` are those among whom the national one-off cost of tools is spread; `by_depth` says that
    some bilans are a module of CEP, as deep as each diagnosis says. Raises TableError
    where two prices cover the same thing, or a price says nothing of what it covers.
    """
    for bilan in (_ONE_LENGTH, _BY_THE_HOUR)[: 1 + by_depth]:
        check_overlaps(covers(tables, bilan))

    def cents(id_: str) -> Fraction:
        return exact(tables.figure(id_)) * CENTS_PER_EURO

    found: dict[tuple[str, str], Fraction] = {}
    annual = exact(tables.figure("unit_costs.annual_working_hours.legal")) * SECONDS_PER_HOUR
    overhead = 1 + exact(tables.figure("unit_costs.overhead_rate.all"))
    supplement = exact(tables.figure(_SUPPLEMENT))
    for operator in OPERATORS:
        for role, item in (("advisers", operator), ("first_line", "first_line_agent")):
            full = cents(f"unit_costs.full_cost_per_fte.{item}") / annual
            for kind in ("used", "idle", "outside", "overtime"):
                found[f"{role}_{kind}", operator] = full / overhead
            found[f"{role}_structure", operator] = full - full / overhead
        found[SHIFT_PAY, operator] = found["advisers_used", operator] * supplement
    # staff who read files again are paid for their direct hours and for what comes with these
    direct = exact(tables.figure(_DIRECT))
    days = exact(tables.figure("unit_costs.initial_training_days.cep_adviser"))
    found |= {
        ("telecom", ""): cents("unit_costs.telecom_per_call.all"),
        ("portal", ""): cents("unit_costs.web_session.portal"),
        ("bilan_conge", ""): cents(f"unit_costs.{_ONE_LENGTH}"),
        ("bilan_plan", ""): cents(f"unit_costs.{_ONE_LENGTH}"),
        ("bilan_refused", ""): Fraction(0),
        (GIVEN_BACK, ""): Fraction(0),
        ("instruction_repeated", ""): cents("unit_costs.full_cost_per_fte.opacif") / annual / direct,
        **{(nature, ""): Fraction(0) for nature in TRANSFERS},
        # Pôle emploi's psychologists are among its posts, paid whether CEP sends them anybody or not.
        ("bilan_psychologist", ""): Fraction(0),
        ("tests_psychologist", ""): Fraction(0),
        ("tests", ""): cents("unit_costs.tests_hour_price.all") / SECONDS_PER_HOUR,
        ("training_of_advisers", ""): cents("unit_costs.training_fee_per_day.cep_adviser") * days / _THOUSAND,
        ("recruitment", ""): cents("unit_costs.recruitment_cost.all") / _THOUSAND,
        ("regional_coordination", ""): cents("unit_costs.full_cost_per_fte.region_coordinator") / annual,
        ("information_base", ""): cents("unit_costs.information_base_per_region.region") / _THOUSAND,
        ("shared_tools", ""): cents("unit_costs.it_one_off.national") / active_persons,
        (WORKING_TIME, ""): cents("unit_costs.employer_hour_cost.all_private_10plus") / SECONDS_PER_HOUR,
    }
    for actor in informing_actors(tables):
        second = cents(_post_of(tables, actor)) / annual / direct
        found[INFORMED, actor] = second * exact(tables.figure(_VISIT))
    if by_depth:
        hour = cents(f"unit_costs.{_BY_THE_HOUR}")
        for nature, hours in zip(BILANS_BY_DEPTH, depth_hours(tables), strict=True):
            found[nature, ""] = hour * Fraction(str(hours))
    return {key: price * index for key, price in found.items()}


def tariffs(tables: Tables, index: Fraction = _UNCHANGED) -> dict[str, Fraction]:
    """What accounts pay for a unit of each of `ACCOUNTS`, in cents; `index` as in `prices`."""
    hour = exact(tables.figure("unit_costs.cpf_hour_rate.opca")) * CENTS_PER_EURO * index
    bilan = exact(tables.figure("unit_costs.bdc_hours.legal_max")) / SECONDS_PER_HOUR
    return {"account_hours": hour / SECONDS_PER_HOUR, "account_bilans": hour * bilan}


def _post_of(tables: Tables, actor: str) -> str:
    """Id of the cost of a post of an actor."""
    (item,) = (row["cost"] for row in actor_rows(tables) if row["actor"] == actor)
    return f"unit_costs.full_cost_per_fte.{item}"


def figures_of(tables: Tables, nature: str, operator: str) -> tuple[str, ...]:
    """Ids of the figures of which the price of a nature is a product, in whose range it is known."""
    if nature == INFORMED:
        return (_post_of(tables, operator), _VISIT)
    if nature == SHIFT_PAY:
        return (f"unit_costs.full_cost_per_fte.{operator}", _SUPPLEMENT)
    staff = {"advisers": operator, "first_line": "first_line_agent"}
    for role, item in staff.items():
        if nature.startswith(f"{role}_") and nature != GIVEN_BACK:
            return (f"unit_costs.full_cost_per_fte.{item}",)
    return tuple(f"unit_costs.{item}" for item in _ITEMS.get(nature, ()))


#: Figures of the prices of what is not staff.
_ITEMS: Final = {
    "telecom": ("telecom_per_call.all",),
    "portal": ("web_session.portal",),
    "bilan_conge": ("bdc_price.opacif",),
    "bilan_plan": ("bdc_price.opacif",),
    "tests": ("tests_hour_price.all",),
    "training_of_advisers": ("training_fee_per_day.cep_adviser", "initial_training_days.cep_adviser"),
    "recruitment": ("recruitment_cost.all",),
    "regional_coordination": ("full_cost_per_fte.region_coordinator",),
    "information_base": ("information_base_per_region.region",),
    "shared_tools": ("it_one_off.national",),
    WORKING_TIME: ("employer_hour_cost.all_private_10plus",),
}


def exact(figure: Figure) -> Fraction:
    """The mode of a figure in its base unit, as it is written: 0.3 is three tenths."""
    return Fraction(str(figure.mode)) * Fraction(UNITS[figure.unit].factor)


@dataclass(frozen=True, slots=True)
class Cover:
    """What a price covers, and for whom: the staff that it pays, or "" for everybody."""

    figure: str
    staff: str
    components: frozenset[str]


_SERVICES: Final = (
    "telecom_per_call.all",
    "web_session.portal",
    "tests_hour_price.all",
    "training_fee_per_day.cep_adviser",
    "recruitment_cost.all",
    "information_base_per_region.region",
    "it_one_off.national",
    "employer_hour_cost.all_private_10plus",
)


def covers(tables: Tables, bilan: str = _ONE_LENGTH) -> list[Cover]:
    """What every price of the ledger covers. The full costs of two operators' advisers never meet.

    Nor do the two prices of a bilan, of one length or by the hour: `bilan` is the one.
    """
    staff = {f"unit_costs.full_cost_per_fte.{operator}": f"advisers of {operator}" for operator in OPERATORS}
    staff |= {
        "unit_costs.full_cost_per_fte.first_line_agent": "first line",
        "unit_costs.full_cost_per_fte.region_coordinator": "coordinators",
    }
    staff |= {id_: f"staff of {id_}" for id_ in (_post_of(tables, a) for a in informing_actors(tables))}
    staff |= {f"unit_costs.{service}": "" for service in (*_SERVICES, bilan)}
    return [
        Cover(id_, whose, frozenset(part for part in tables.figure(id_).extra("includes").split("+") if part))
        for id_, whose in staff.items()
    ]


def check_overlaps(found: Iterable[Cover]) -> None:
    """Raises TableError where a price says nothing of what it covers, or two cover the same thing."""
    listed = list(found)
    problems = [
        TableError(
            file="unit_costs.csv",
            field=f"{cover.figure}, column includes",
            found="",
            expected="what the price covers",
            remedy="Name what it covers: two prices of the ledger must not pay the same thing.",
        )
        for cover in listed
        if not cover.components
    ]
    for one, other in combinations(listed, 2):
        shared = one.components & other.components
        if shared and (one.staff == other.staff or not one.staff or not other.staff):
            problems.append(
                TableError(
                    file="unit_costs.csv",
                    field=f"{other.figure}, column includes",
                    found=" and ".join(sorted(shared)),
                    expected=f"nothing that {one.figure} covers already",
                    remedy="Take it out of one of the two prices, and lower that price by as much.",
                )
            )
    if problems:
        raise TableError.together(problems)
