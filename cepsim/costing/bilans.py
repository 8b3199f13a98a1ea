"""Bilans of the people of a run: who asks for one, who pays it, and whose is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cepsim.costing.parts import split
from cepsim.people.bilan_first import BILAN
from cepsim.people.bilans import acceptance, has_experts, without_leave
from cepsim.people.cells import Mask
from cepsim.people.closures import received_since
from cepsim.people.crowd import Crowd
from cepsim.people.deployment import Deployment
from cepsim.people.financer import FINANCER
from cepsim.people.visited import Visited
from cepsim.scenario.vocabulary import BILAN_DEPTHS, OPERATORS, POPULATIONS
from cepsim.trace import NEVER, Ints, Wholes

#: Rows of a quantity: its name, the visits that are one each, and when each visit counts.
Counted = Callable[[str, Ints, Wholes], pd.DataFrame]


def bilans(
    deployment: Deployment,
    crowd: Crowd,
    visits: Visited,
    reached: dict[str, Ints],
    charged: Mask,
    counted: Counted,
) -> list[pd.DataFrame]:
    """Bilans as they are asked for, by who pays them, and what accounts pay.

    `reached`: the first visits of people "received" and "entering_conseil"; `charged`: whose account pays
    what a scenario charges. Employees ask once received by the OPACIF or their heir; others once in a
    conseil, where the operator has psychologists.
    """
    scenario, called = deployment.scenario, visits.called
    operator = deployment.stations["operator"].to_numpy()
    of_station: NDArray[Any] = operator[visits.queue % deployment.network.station_count]
    employee = crowd.population == POPULATIONS.index("salaries")
    wants = crowd.bilan == 1

    def among(rows: Ints, whose: Mask) -> Ints:
        """The rows of these people."""
        return np.asarray(rows[whose[visits.person[rows]]])

    if scenario.service.bilan_first:
        # those of people admitted are decided one by one, and paid where they are made
        today, first = crowd.admitted == 0, crowd.bilan_first == 1
        made = _made(deployment, visits)
    else:
        today, first = np.ones(len(crowd), dtype=np.bool_), np.zeros(len(crowd), dtype=np.bool_)
        made = np.zeros(0, dtype=np.int64)
    conge = among(reached["received"], wants & employee)
    of_opacif = of_station[conge] == FINANCER
    of_opacif |= called[conge] >= received_since(deployment, FINANCER)[visits.queue[conge]]
    conge = conge[of_opacif]
    refused_one_by_one, conge = among(conge, ~today & ~first), among(conge, today)
    of_plan, refused = without_leave(scenario, crowd.junior == 1, crowd.recent == 1)
    by_plan, without_right = among(conge, of_plan), among(conge, refused)
    conge = among(conge, ~of_plan & ~refused)
    excludes = scenario.financing.cpf_short == "excluded"
    without_hours = among(conge, excludes & (crowd.short_bilan == 1))
    conge = among(conge, ~(excludes & (crowd.short_bilan == 1)))
    depth = crowd.bilan_depth[visits.person[conge]]
    psychologist = among(reached["entering_conseil"], wants & ~employee & today)
    experts = [name for name in OPERATORS if has_experts(deployment.tables, name)]
    psychologist = psychologist[np.isin(of_station[psychologist], experts)]
    on_account = charged & employee & ~of_plan & (crowd.short_bilan == 0)
    if "bilan" not in scenario.financing.charged_to_cpf:
        on_account = np.zeros(len(crowd), dtype=np.bool_)
    by_account = among(conge, on_account)
    return [
        _decided(
            deployment,
            [
                counted(name, conge[depth == rank], called)
                for rank, name in enumerate(("bilans_conge", *(f"bilans_{d}" for d in BILAN_DEPTHS)))
            ],
        ),
        counted("bilans_plan", by_plan, called),
        counted("bilans_refused", without_right, called),
        counted("bilans_refused", without_hours, called),
        counted("bilans_psychologist", psychologist, called),
        _financed(deployment, counted("account_bilans", by_account, called)),
        counted("bilans_refused", refused_one_by_one, called),
        counted("bilans_conge", among(made, employee & ~of_plan), called),
        counted("bilans_plan", among(made, of_plan), called),
        counted("bilans_psychologist", among(made, ~employee), called),
        counted("account_bilans", among(made, on_account), called),
    ]


def _made(deployment: Deployment, visits: Visited) -> Ints:
    """Visits at which a bilan that comes first begins."""
    there = (deployment.stations["channel"] == BILAN).to_numpy()
    begins = there[visits.queue % deployment.network.station_count] & (visits.called != NEVER)
    return np.flatnonzero(begins)


def _decided(deployment: Deployment, parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Bilans asked for, as those financed and those refused."""
    asked = pd.concat(parts, ignore_index=True)
    financed = _financed(deployment, asked)
    refused = asked["value"] - financed["value"]
    return pd.concat([financed, asked.assign(quantity="bilans_refused", value=refused, people=refused)])


def _financed(deployment: Deployment, asked: pd.DataFrame) -> pd.DataFrame:
    """Bilans financed, of those asked for.

    Each year and in each region the share accepted is financed, to the nearest whole, and its rows share
    them by largest remainder in proportion to what was asked there, so that regions add up. A bilan is a
    person.
    """
    accepted = acceptance(deployment.tables)
    financed = np.zeros(len(asked), dtype=np.int64)
    for rows in asked.groupby(["year", "region"]).indices.values():
        requests = asked["value"].to_numpy()[rows]
        total = np.array([round(accepted * int(requests.sum()))])
        financed[rows] = split(total, requests.astype(np.float64))[0]
    return asked.assign(value=financed, people=financed)
