"""What a compte personnel de formation holds at a date, and the hours that a path is charged.

    hours held = min(cap, DIF hours carried over + hours a year x years in work since launch)

both in proportion for who works part-time. Accounts open on launch day and are credited day by day. Nothing
is credited while somebody is out of work: a job seeker keeps what he had. What accounts pay for other things
than CEP is not taken off, so that hours held are at most these.

What is needed is the mean of the path that enters conseil, for people of this kind at this operator: nobody
knows beforehand how many interviews he will have.
"""

from __future__ import annotations

from itertools import product
from math import log
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cepsim.draws import DRAW_RANGE
from cepsim.people.bilans import is_module
from cepsim.people.demand import Floats
from cepsim.people.profiles import Profile
from cepsim.people.sources import Source, has_account
from cepsim.people.stage_figures import StageFigures
from cepsim.scenario import Scenario
from cepsim.scenario.vocabulary import AUTONOMY, BILAN_DEPTHS, JOB_SEEKERS, OPERATORS, POPULATIONS, PROJECTS
from cepsim.tables import Tables
from cepsim.trace import Ints
from cepsim.units import SECONDS_PER_HOUR

#: Whose accounts are alike, by the perimeter of the rows of the tables; who has no account is NO_ACCOUNT.
HOLDERS: Final = ("cdi", "contrats_courts", "demandeurs_emploi")
NO_ACCOUNT: Final = -1
#: Interviews that an account may pay; a bilan comes beside them.
_INTERVIEWS: Final = ("accueil", "conseil", "formalisation")
#: Places after which the last bit of a library moves nobody.
_DECIMALS: Final = 9

Mask = NDArray[np.bool_]
Draws = NDArray[np.uint32]


def holder(origin: Source) -> int:
    """Position in HOLDERS of the people of a source, or NO_ACCOUNT.

    Who comes because a permanent job has just ended holds what somebody in such a job holds.
    """
    if not has_account(origin.public, origin.source):
        return NO_ACCOUNT
    just_left = origin.public in JOB_SEEKERS and origin.source == "event"
    if origin.public == "salaries_cdi" or just_left:
        return HOLDERS.index("cdi")
    return HOLDERS.index("demandeurs_emploi" if origin.public in JOB_SEEKERS else "contrats_courts")


def hours_held(
    tables: Tables, holders: Ints, years: Floats, part_time: Mask, carried: Draws, out_of_work: Draws
) -> Floats:
    """Hours that accounts hold so many years after launch; all of shape (n,), the draws uniform on 32 bits.

    A share carries no DIF over; the others carry between nothing and twice their mean, evenly spread. Job
    seekers have been out of work for an exponential time, such that the share of the tables has been for a
    year; short contracts are credited for the share of the time that they fill. Who has no account holds
    nothing.
    """

    def of_each(item: str) -> Floats:
        found = [tables.figure(f"unit_costs.{item}.{perimeter}").mode for perimeter in HOLDERS]
        return np.array([*found, 0.0])[holders]

    draw = carried / DRAW_RANGE
    without = of_each("dif_without_hours")
    spread = np.maximum(draw - without, 0.0) / np.where(without < 1.0, 1.0 - without, 1.0)
    kept = 2.0 * of_each("dif_hours_carried") * spread
    for_a_year = tables.figure("publics.attribute.demandeurs_emploi.long_term").mode
    since = np.log((out_of_work + 1.0) / DRAW_RANGE) / log(for_a_year)
    seeks, in_turns = (holders == HOLDERS.index(name) for name in ("demandeurs_emploi", "contrats_courts"))
    credited = np.maximum(years - np.where(seeks, since, 0.0), 0.0)
    credited *= np.where(in_turns, tables.figure("unit_costs.cpf_time_in_work.contrats_courts").mode, 1.0)
    credited *= tables.figure("unit_costs.cpf_hours_year.full_time").mode
    part = tables.figure("publics.attribute.salaries_prives.part_time_hours").mode
    hours = (kept + credited) * np.where(part_time, part, 1.0)
    cap = tables.figure("unit_costs.cpf_cap_hours.full_time").mode
    held = np.minimum(np.round(hours, _DECIMALS), cap)
    return np.asarray(np.where(holders == NO_ACCOUNT, 0.0, held))


def hours_of_paths(scenario: Scenario, tables: Tables) -> Floats:
    """Mean hours that a path entering conseil is charged, with the accueil before it where that is charged.

    Shape (operators, populations, levels of autonomy, 1 + depths of a bilan that is returned). Who drops out
    after the conseil has no formalisation: it counts for the others' share.
    """
    charged = [stage for stage in _INTERVIEWS if stage in scenario.financing.charged_to_cpf]
    found = np.zeros((len(OPERATORS), len(POPULATIONS), len(AUTONOMY), 1 + len(BILAN_DEPTHS)))
    depths = 1 + len(BILAN_DEPTHS) * is_module(scenario)
    for at, operator in enumerate(OPERATORS):
        figures = StageFigures(operator, scenario, tables)
        for (who, population), (level, autonomy), returned in product(
            enumerate(POPULATIONS), enumerate(AUTONOMY), range(depths)
        ):
            profile = Profile(population, 1, autonomy, "idea", PROJECTS[0], returned=returned)
            found[at, who, level, returned] = sum(_mean_hours(figures, stage, profile) for stage in charged)
    return np.round(found, _DECIMALS)


def _mean_hours(figures: StageFigures, stage: str, profile: Profile) -> float:
    name = figures.accueil_parameter("duration", profile) if stage == "accueil" else "duration"
    hours = figures.figure(stage, name, profile).mode_in_base / SECONDS_PER_HOUR
    hours *= figures.mean_interviews(profile, stage)
    if stage == "formalisation":
        return hours * (1.0 - figures.mode("conseil", "dropout", profile))
    return hours


def hours_of_bilan(tables: Tables) -> float:
    """Hours that an account pays for a bilan of one length."""
    return tables.figure("unit_costs.bdc_hours.legal_max").mode
