"""What people do that costs something besides the advisers' time, and how many reach each point.

A visit belongs to the year in which it begins: joined for a contact, called in for an interview.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cepsim.costing.bilans import bilans
from cepsim.costing.informed import informed
from cepsim.people.bilan_first import BILAN_CHANNELS
from cepsim.people.bilans import has_experts
from cepsim.people.cells import Cells, Mask, first_seen, reached
from cepsim.people.closures import continued_by_heirs
from cepsim.people.crowd import SOURCES, Crowd
from cepsim.people.deployment import Deployment
from cepsim.people.financer import FINANCED, FINANCER
from cepsim.people.remote import is_marginal
from cepsim.people.segments import calendar_years
from cepsim.people.sources import has_account
from cepsim.people.story import Story
from cepsim.people.visited import among
from cepsim.people.works import tests_seconds
from cepsim.scenario.vocabulary import (
    CONSEIL_WORKS,
    IN_WORK,
    OPERATORS,
    POPULATIONS,
    PROJECTS,
    PUBLICS,
    Project,
)
from cepsim.trace import NEVER, Exits, Ints, Outcome, Reason, Wholes

#: Exit of the network under which a project is completed.
COMPLETED: Final = "completed"
#: Exit under which people leave whose request a commission has refused.
REFUSED: Final = "refused"
_NEW_CONTACT: Final = (Reason.FIRST, Reason.ASKED_AGAIN)
#: What is paid for out of what exists, whoever comes: wages, accounts, and other actors.
_NEVER_NEW: Final = ("working_time", "account", "mutualised", "informed")
#: Projects of which a file asks somebody for money beside the service.
_COMMITTING: Final[tuple[Project, ...]] = ("formation", "vae")
#: What nobody does today, whoever comes.
_ALWAYS_NEW: Final = ("instruction", "tests")
_EMPLOYERS_PUBLICS: Final = tuple(public for public in IN_WORK if public != "independants")


def people_quantities(deployment: Deployment, crowd: Crowd, story: Story) -> pd.DataFrame:
    """Contacts, bilans, interviews on working time and people; columns as in `quantities`.

    - contacts: first requests and further ones, answered or not; tries again are the same contact;
    - calls: every call that entered the line, tries again included, every call that an operator makes, and
      every accueil held at a distance;
    - informed elsewhere: contacts that actors that inform answer, by actor;
    - web visits: contacts x share of self-service / (1 - share), to the nearest whole in each row;
    - bilans: asked by employees once received by the OPACIF or their heir (leave), financed or refused; by
      others once in a conseil, where the operator has psychologists: the tables name none but those of Pôle
      emploi. Those of employees that are a module of CEP are counted by depth;
      Those of people who lack what a scenario asks for the leave are refused, or given by the employer's
      plan, who decides: none of these is refused;
    - working time: interviews attended by private and public employees who come on working time;
    - account: interviews and bilans that a scenario charges to the account of the people admitted, seconds of
      the person and bilans financed, where the account holds their hours; a bilan whose hours it lacks is
      refused, or paid as any other, as the scenario says;
    - tests within a conseil: time of Pôle emploi's psychologists, where they are, or of a provider;
    - instruction: time of a financer apart to read again each file handed over to it, when it takes it up;
    - received, entering conseil: people first served there, by operator; projects: exits so named;
    - files of formation and of VAE: projects completed through ingénierie, once the financer has decided;
    - mutualised paths: people admitted who reach the point for which a mutualised fund pays a tariff.

    What people do who would not have come without CEP is new money, and so is all that is read again; the
    time that employers give is wages paid anyway, and what other actors answer is paid already.
    """
    visits = story.visits
    known = deployment.stations
    station = visits.queue % deployment.network.station_count
    stage, operator = known["stage"].to_numpy(), known["operator"].to_numpy()
    interviews = ~known["channel"].isin([*CONSEIL_WORKS, *BILAN_CHANNELS]).to_numpy()

    def placed(at: Mask, rows: Mask) -> Ints:
        """The rows of a mask that are at these stations."""
        return np.flatnonzero(at[station] & rows)

    def counted(name: str, rows: Ints, when: Wholes, amount: Wholes | int = 1) -> pd.DataFrame:
        return _rows(deployment, crowd, name, visits.person[rows], visits.queue[rows], when[rows], amount)

    def first(rows: Ints) -> Ints:
        """The first of these visits with each operator; one that goes on a series is not first."""
        codes, names = _codes(known["operator"])
        is_first = first_seen(visits.person[rows], codes[station[rows]], len(names))
        return np.asarray(rows[is_first & ~goes_on[rows]])

    goes_on = (visits.reason == Reason.SERIES) | continued_by_heirs(deployment, visits)
    served = (visits.called != NEVER) & among(visits.outcome, (Outcome.SERVED, Outcome.IN_SERVICE))
    contacts = counted(
        "contacts", placed(stage == "information", among(visits.reason, _NEW_CONTACT)), visits.joined
    )
    # a call of an operator is one when it is made
    made = placed((known["channel"] == "outbound").to_numpy(), visits.called != NEVER)
    entered = placed(
        (known["channel"] == "telephone").to_numpy(), ~among(visits.outcome, (Outcome.CLOSED, Outcome.FULL))
    )
    accueils = placed((stage == "accueil") & interviews, served)
    received = first(accueils)
    by_telephone = accueils[
        _is_remote(deployment, crowd, visits.person[accueils], operator[station[accueils]])
    ]
    in_conseil = first(placed(stage == "conseil", served))
    reached_at = {"received": received, "entering_conseil": in_conseil}
    of_employers = np.isin(crowd.public, [PUBLICS.index(public) for public in _EMPLOYERS_PUBLICS])
    on_time = []
    for at, flag in (
        (stage == "accueil", crowd.time_accueil),
        (np.isin(stage, ("conseil", "formalisation")), crowd.time_conseil),
    ):
        rows = placed(at & interviews, served)
        on_time.append(rows[(of_employers & (flag == 1))[visits.person[rows]]])
    charged = _charged(crowd)
    hours = placed(np.isin(stage, deployment.scenario.financing.charged_to_cpf) & interviews, served)
    hours = hours[(charged & (crowd.short == 0))[visits.person[hours]]]
    working_time = np.sort(np.concatenate(on_time))
    seconds = visits.ended[working_time] - visits.called[working_time]
    return pd.concat(
        [
            contacts,
            counted("calls", entered, visits.joined),
            counted("calls", by_telephone, visits.called),
            counted("calls", made, visits.called),
            _web_visits(deployment, contacts),
            counted("persons_received", received, visits.called),
            counted("persons_entering_conseil", in_conseil, visits.called),
            *bilans(deployment, crowd, visits, reached_at, charged, counted),
            counted("working_time_interviews", working_time, visits.called),
            counted("working_time_s", working_time, visits.called, seconds),
            counted("account_s", hours, visits.called, visits.ended[hours] - visits.called[hours]),
            *informed(deployment, crowd, visits, counted),
            *_tests(deployment, crowd, story),
            _read_again(deployment, crowd, story),
            _projects(deployment, crowd, story.exits),
            *_files(deployment, crowd, story.exits),
            _paths(deployment, crowd, story, reached_at),
        ],
        ignore_index=True,
    )


def _codes(column: pd.Series[str]) -> tuple[Ints, list[str]]:
    """The place of each text among them all, sorted."""
    names = sorted(set(column))
    return np.array([names.index(text) for text in column], dtype=np.int64), names


def _is_remote(deployment: Deployment, crowd: Crowd, person: Wholes, operator: NDArray[Any]) -> Mask:
    """Which accueils of these people at these operators are at a distance."""
    found = crowd.remote[person] == 1
    for name, population in product(OPERATORS, POPULATIONS):
        if is_marginal(deployment.scenario, name, population):
            found &= (operator != name) | (crowd.population[person] != POPULATIONS.index(population))
    return np.asarray(found)


def _charged(crowd: Crowd) -> Mask:
    """Whose account pays what a scenario charges; shape (people,)."""
    holders = np.array([[has_account(public, source) for source in SOURCES] for public in PUBLICS])
    charged: Mask = holders[crowd.public, crowd.source] & (crowd.admitted == 1)
    return charged


def _web_visits(deployment: Deployment, contacts: pd.DataFrame) -> pd.DataFrame:
    share = deployment.tables.figure("stages.information.share_web_selfservice.all.all.all.all").mode
    visits = np.rint(contacts["value"].to_numpy() * share / (1.0 - share)).astype(np.int64)
    return contacts.assign(quantity="web_visits", value=visits)


def _tests(deployment: Deployment, crowd: Crowd, story: Story) -> list[pd.DataFrame]:
    """Seconds of psychologists, and of providers elsewhere, for the tests of those in a conseil."""
    visits, known = story.visits, deployment.stations
    station = visits.queue % deployment.network.station_count
    expert = known["operator"].isin([o for o in OPERATORS if has_experts(deployment.tables, o)]).to_numpy()
    at, found = (known["channel"] == "tests").to_numpy(), []
    for name, where in (("psychologist_tests_s", at & expert), ("tests_s", at & ~expert)):
        rows = np.flatnonzero(where[station] & (visits.called != NEVER))
        each = np.full(len(rows), tests_seconds(deployment.tables) if len(rows) else 0, dtype=np.int64)
        person, queue, when = visits.person[rows], visits.queue[rows], visits.called[rows]
        found.append(_rows(deployment, crowd, name, person, queue, when, each))
    return found


def _read_again(deployment: Deployment, crowd: Crowd, story: Story) -> pd.DataFrame:
    """Seconds that a financer apart takes to read again the files handed over to it; nothing without one."""
    visits, names = story.visits, deployment.network.station_names
    station = f"{FINANCER}.dossier"
    at = names.index(station) if deployment.scenario.service.financer_apart else -1
    rows = np.flatnonzero(visits.queue % deployment.network.station_count == at)
    person = visits.person[rows]
    financed = np.isin(crowd.project, [PROJECTS.index(project) for project in FINANCED])
    rows = rows[(financed & (crowd.admitted == 1))[person]]
    each = 0
    if len(rows):
        figure = deployment.tables.figure(f"stages.ingenierie.repeated_instruction.all.{FINANCER}.all.all")
        each = round(figure.mode_in_base)
    seconds = np.full(len(rows), each, dtype=np.int64)
    person, queue, when = visits.person[rows], visits.queue[rows], visits.called[rows]
    return _rows(deployment, crowd, "instruction_s", person, queue, when, seconds)


def _projects(deployment: Deployment, crowd: Crowd, exits: Exits) -> pd.DataFrame:
    """Projects completed, at the operator of the queue left; none where the network has no such exit."""
    done = _completed(deployment, exits)
    return _rows(deployment, crowd, "projects", done.person, done.queue, done.second, 1)


def _completed(deployment: Deployment, exits: Exits) -> Exits:
    return _left_under(deployment, exits, COMPLETED)


def _left_under(deployment: Deployment, exits: Exits, name: str) -> Exits:
    """Who leaves under an exit; nobody where the network has none of this name."""
    names = deployment.network.exit_names
    return exits.take(exits.exit == (names.index(name) if name in names else -1))


def _files(deployment: Deployment, crowd: Crowd, exits: Exits) -> list[pd.DataFrame]:
    """Files of each kind of project that asks for money, in the year in which the financer decides.

    Beside them, those that a commission refuses and that are not lodged again.
    """
    refused = _left_under(deployment, exits, REFUSED)
    done = _completed(deployment, exits)
    stage = deployment.stations["stage"].to_numpy()[done.queue % deployment.network.station_count]
    done = done.take(stage == "ingenierie")
    project = crowd.project[done.person]
    found = [_rows(deployment, crowd, "files_refused", refused.person, refused.queue, refused.second, 1)]
    for name in _COMMITTING:
        of = done.take(project == PROJECTS.index(name))
        found.append(_rows(deployment, crowd, f"files_{name}", of.person, of.queue, of.second, 1))
    return found


def _paths(deployment: Deployment, crowd: Crowd, story: Story, reached_at: dict[str, Ints]) -> pd.DataFrame:
    """People admitted for whom a mutualised fund pays a tariff, where they reach its point; else no row."""
    plan, visits = deployment.scenario.financing.mutualised, story.visits
    name, admitted = "mutualised_paths", crowd.admitted == 1
    if plan.tariff_per == "project":
        done = _completed(deployment, story.exits)
        done = done.take(admitted[done.person] & (plan.tariff_eur > 0))
        return _rows(deployment, crowd, name, done.person, done.queue, done.second, 1)
    rows = reached_at[plan.tariff_per]
    rows = rows[admitted[visits.person[rows]] & (plan.tariff_eur > 0)]
    return _rows(deployment, crowd, name, visits.person[rows], visits.queue[rows], visits.called[rows], 1)


def _rows(
    deployment: Deployment,
    crowd: Crowd,
    quantity: str,
    person: Wholes,
    queue: Wholes,
    second: Wholes,
    amount: Wholes | int,
) -> pd.DataFrame:
    """Sums of amounts, and people, in the horizon by year, region, operator, stage, public and character."""
    years, bounds = calendar_years(deployment.horizon)
    rank = reached(bounds, second) - 1
    inside = (rank >= 0) & (rank < len(years))
    person, queue, rank = person[inside], queue[inside], rank[inside]
    lane, station = np.divmod(queue, deployment.network.station_count)
    operator, operators = _codes(deployment.stations["operator"])
    stage, stages = _codes(deployment.stations["stage"])
    characters = ("deja_finance", "nouveau_recurrent")
    new = 0 if quantity.startswith(_NEVER_NEW) else crowd.induced[person]
    new = 1 if quantity.startswith(_ALWAYS_NEW) else new
    codes = [rank, lane, operator[station], stage[station], crowd.public[person], new]
    names: list[Sequence[object]] = [years, deployment.regions, operators, stages, PUBLICS, characters]
    cells = Cells.of(codes, [len(values) for values in names], len(person))
    people = cells.people(person)
    found = np.flatnonzero(people)
    found = found[np.argsort(cells.place[found])]
    columns = dict(
        zip(("year", "region", "operator", "stage", "public", "character"), cells.codes(found), strict=True)
    )
    rows = {
        name: np.array(list(values), dtype=np.int64 if name == "year" else object)[positions]
        for (name, positions), values in zip(columns.items(), names, strict=True)
    }
    value = cells.sums(amount if isinstance(amount, int) else amount[inside])[found]
    return pd.DataFrame({**rows, "value": value, "people": people[found], "quantity": quantity, "role": ""})
