"""What people do that costs something besides the advisers' time, and how many reach each point.

A visit belongs to the year in which it begins: joined for a contact, called in for an interview.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cepsim.costing.parts import split
from cepsim.people.crowd import Crowd
from cepsim.people.deployment import Deployment
from cepsim.people.segments import calendar_years
from cepsim.scenario.vocabulary import IN_WORK, OPERATORS, POPULATIONS, PUBLICS
from cepsim.trace import NEVER, Ints, Outcome, Reason, State, Trace, Visits

Mask = NDArray[np.bool_]

#: Exit of the network under which a project is completed.
COMPLETED: Final = "completed"
#: Staff who make the bilans of those who are no employees.
_EXPERTS: Final = "orientation_psychologists"
_NEW_CONTACT: Final = (Reason.FIRST, Reason.ASKED_AGAIN)
_EMPLOYERS_PUBLICS: Final = tuple(public for public in IN_WORK if public != "independants")


def people_quantities(deployment: Deployment, crowd: Crowd, trace: Trace, state: State) -> pd.DataFrame:
    """Contacts, bilans, interviews on working time and people; columns as in `quantities`.

    - contacts: first requests and further ones, answered or not; tries again are the same contact;
    - calls: every call that entered the line, tries again included;
    - web visits: contacts x share of self-service / (1 - share), to the nearest whole in each row;
    - bilans: asked by employees once received (leave), financed or refused; by others once in a conseil,
      where the operator has psychologists: the tables name none but those of Pôle emploi;
    - working time: interviews attended by private and public employees who come on working time;
    - received, entering conseil: people first served there, by operator; projects: exits so named.

    What people do who would not have come without CEP is new money; the time that employers give is wages
    paid anyway.
    """
    visits = Visits.concatenate([trace.visits, state.open_visits()]).sorted_by("person", "visit")
    station = visits.queue % deployment.network.station_count
    known = deployment.stations
    stage, operator = known["stage"].to_numpy()[station], known["operator"].to_numpy()[station]
    telephone = (known["channel"] == "telephone").to_numpy()[station]
    served = (visits.called != NEVER) & np.isin(visits.outcome, (Outcome.SERVED, Outcome.IN_SERVICE))
    place = {"stage": stage, "operator": operator}

    def counted(name: str, mask: Mask, when: Ints, amount: Ints | None = None) -> pd.DataFrame:
        rows = np.flatnonzero(mask)
        where = {key: values[rows] for key, values in place.items()}
        amounts = np.ones(len(rows), dtype=np.int64) if amount is None else amount[rows]
        lanes = visits.queue[rows] // deployment.network.station_count
        return _rows(deployment, crowd, name, visits.person[rows], lanes, when[rows], where, amounts)

    asked = (stage == "information") & np.isin(visits.reason, _NEW_CONTACT)
    entered = telephone & ~np.isin(visits.outcome, (Outcome.CLOSED, Outcome.FULL))
    contacts = counted("contacts", asked, visits.joined)
    received = _first(visits, served & (stage == "accueil"), operator)
    in_conseil = _first(visits, served & (stage == "conseil"), operator)
    asks_bilan = crowd.bilan[visits.person] == 1
    conge = received & asks_bilan & (operator == "opacif")
    expert = np.isin(operator, [o for o in OPERATORS if deployment.tables.has(f"operators.{o}.{_EXPERTS}")])
    employee = crowd.population[visits.person] == POPULATIONS.index("salaries")
    on_time = served & np.isin(crowd.public[visits.person], [PUBLICS.index(p) for p in _EMPLOYERS_PUBLICS])
    on_time &= ((stage == "accueil") & (crowd.time_accueil[visits.person] == 1)) | (
        np.isin(stage, ("conseil", "formalisation")) & (crowd.time_conseil[visits.person] == 1)
    )
    return pd.concat(
        [
            contacts,
            counted("calls", entered, visits.joined),
            _web_visits(deployment, contacts),
            counted("persons_received", received, visits.called),
            counted("persons_entering_conseil", in_conseil, visits.called),
            _decided(deployment, counted("bilans_conge", conge & employee, visits.called)),
            counted("bilans_psychologist", in_conseil & asks_bilan & ~employee & expert, visits.called),
            counted("working_time_interviews", on_time, visits.called),
            counted("working_time_s", on_time, visits.called, visits.ended - visits.called),
            _projects(deployment, crowd, trace),
        ],
        ignore_index=True,
    )


def _first(visits: Visits, mask: Mask, operator: NDArray[np.object_]) -> Mask:
    """The first of these visits of each person with each operator; one that goes on a series is not first."""
    rows = pd.DataFrame({"person": visits.person, "operator": operator})[mask]
    first = np.zeros(len(visits), dtype=np.bool_)
    first[rows.index[~rows.duplicated().to_numpy()]] = True
    first &= visits.reason != Reason.SERIES
    return first


def _decided(deployment: Deployment, asked: pd.DataFrame) -> pd.DataFrame:
    """Bilans asked for, as those financed and those refused.

    Each year and in each region the share accepted is financed, to the nearest whole, and its rows share
    them by largest remainder in proportion to what was asked there, so that regions add up. A bilan is a
    person.
    """
    accepted = deployment.tables.figure("stages.conseil.p_bdc_acceptance.salaries.all.all.all").mode
    financed = np.zeros(len(asked), dtype=np.int64)
    for rows in asked.groupby(["year", "region"]).indices.values():
        requests = asked["value"].to_numpy()[rows]
        total = np.array([round(accepted * int(requests.sum()))])
        financed[rows] = split(total, requests.astype(np.float64))[0]
    refused = asked["value"].to_numpy() - financed
    return pd.concat(
        [
            asked.assign(value=financed, people=financed),
            asked.assign(quantity="bilans_refused", value=refused, people=refused),
        ]
    )


def _web_visits(deployment: Deployment, contacts: pd.DataFrame) -> pd.DataFrame:
    share = deployment.tables.figure("stages.information.share_web_selfservice.all.all.all.all").mode
    visits = np.rint(contacts["value"].to_numpy() * share / (1.0 - share)).astype(np.int64)
    return contacts.assign(quantity="web_visits", value=visits)


def _projects(deployment: Deployment, crowd: Crowd, trace: Trace) -> pd.DataFrame:
    """Projects completed, at the operator of the queue left; none where the network has no such exit."""
    exits, names = trace.exits, deployment.network.exit_names
    done = exits.take(exits.exit == (names.index(COMPLETED) if COMPLETED in names else -1))
    lane, station = np.divmod(done.queue, deployment.network.station_count)
    where = {name: deployment.stations[name].to_numpy()[station] for name in ("stage", "operator")}
    ones = np.ones(len(done), dtype=np.int64)
    return _rows(deployment, crowd, "projects", done.person, lane, done.second, where, ones)


def _rows(
    deployment: Deployment,
    crowd: Crowd,
    quantity: str,
    person: Ints,
    lane: Ints,
    second: Ints,
    where: Mapping[str, NDArray[np.object_]],
    amount: Ints,
) -> pd.DataFrame:
    """Sums of amounts, and people, in the horizon by year, region, operator, stage, public and character."""
    years, bounds = calendar_years(deployment.horizon)
    inside = (second >= bounds[0]) & (second < bounds[-1])
    rank = np.searchsorted(bounds, second[inside], side="right") - 1
    new = (crowd.induced[person[inside]] == 1) & (not quantity.startswith("working_time"))
    rows = pd.DataFrame(
        {
            "year": np.array(years, dtype=np.int64)[rank],
            "lane": lane[inside],
            "operator": where["operator"][inside],
            "stage": where["stage"][inside],
            "public": crowd.public[person[inside]],
            "character": np.where(new, "nouveau_recurrent", "deja_finance"),
            "person": person[inside],
            "value": amount[inside],
        }
    )
    keys = ["year", "lane", "operator", "stage", "public", "character"]
    rows = rows.groupby(keys).agg(value=("value", "sum"), people=("person", "nunique")).reset_index()
    rows["region"] = np.array(deployment.regions, dtype=object)[rows.pop("lane").to_numpy()]
    rows["public"] = np.array(PUBLICS, dtype=object)[rows["public"].to_numpy()]
    return rows.assign(quantity=quantity, role="")
