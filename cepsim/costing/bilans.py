"""Bilans of the people of a run: who asks for one, who pays it, and whose is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cepsim.costing.parts import split
from cepsim.people.bilans import has_experts, without_leave
from cepsim.people.cells import Mask
from cepsim.people.closures import received_since
from cepsim.people.crowd import Crowd
from cepsim.people.deployment import Deployment
from cepsim.people.financer import FINANCER
from cepsim.people.visited import Visited
from cepsim.scenario.vocabulary import BILAN_DEPTHS, OPERATORS, POPULATIONS
from cepsim.trace import Ints, Wholes

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

    conge = among(reached["received"], wants & employee)
    of_opacif = of_station[conge] == FINANCER
    of_opacif |= called[conge] >= received_since(deployment, FINANCER)[visits.queue[conge]]
    conge = conge[of_opacif]
    of_plan, refused = without_leave(scenario, crowd.junior == 1, crowd.recent == 1)
    by_plan, without_right = among(conge, of_plan), among(conge, refused)
    conge = among(conge, ~of_plan & ~refused)
    excludes = scenario.financing.cpf_short == "excluded"
    without_hours, paid_by_account = (among(conge, crowd.short_bilan == flag) for flag in (1, 0))
    if excludes:
        conge = paid_by_account
    else:
        without_hours = without_hours[:0]
    depth = crowd.bilan_depth[visits.person[conge]]
    psychologist = among(reached["entering_conseil"], wants & ~employee)
    experts = [name for name in OPERATORS if has_experts(deployment.tables, name)]
    psychologist = psychologist[np.isin(of_station[psychologist], experts)]
    by_account = among(paid_by_account, charged)
    if "bilan" not in scenario.financing.charged_to_cpf:
        by_account = by_account[:0]
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
    ]


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
    accepted = deployment.tables.figure("stages.conseil.p_bdc_acceptance.salaries.all.all.all").mode
    financed = np.zeros(len(asked), dtype=np.int64)
    for rows in asked.groupby(["year", "region"]).indices.values():
        requests = asked["value"].to_numpy()[rows]
        total = np.array([round(accepted * int(requests.sum()))])
        financed[rows] = split(total, requests.astype(np.float64))[0]
    return asked.assign(value=financed, people=financed)
