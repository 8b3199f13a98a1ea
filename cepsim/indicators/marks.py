"""A run of today's service held against what was observed of it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from cepsim.indicators.counts import Counts
from cepsim.people.deployment import Deployment
from cepsim.scenario.vocabulary import PRIVATE_EMPLOYEES
from cepsim.units import UNITS

_OPERATOR = "opacif"
_INTERVIEWS = ("accueil", "conseil", "formalisation")
#: Kinds of figures that are amounts: the run's regions have their part of them.
_SHARED_OUT = "flow"


def marks(deployment: Deployment, replications: Sequence[Counts]) -> pd.DataFrame:
    """The marks of the table `marks`, scaled to the run's regions, and what the run gives instead.

    Columns quantity, unit, low, high, found (a year, mean over replications; absent where nobody was
    received), inside. A flow is scaled by the regions' part of the operator's key; a rate is
    not. Raises ValueError without replications, or where the table holds a mark that nothing is counted for.
    """
    if not replications:
        raise ValueError("marks need at least one replication")
    part = float(deployment.population.keys[_OPERATOR].loc[list(deployment.regions)].sum())
    found = _found(deployment, replications)
    rows = []
    for id_ in deployment.tables.ids("marks"):
        mark = deployment.tables.figure(id_)
        quantity = mark.key("quantity")
        if mark.key("operator") != _OPERATOR or quantity not in found:
            raise ValueError(f"marks.csv holds {id_}, for which nothing is counted")
        scale = part if mark.kind == _SHARED_OUT else 1.0
        low, high = mark.low * scale, mark.high * scale
        value = found[quantity] / UNITS[mark.unit].factor
        rows.append((quantity, mark.unit, low, high, value, low <= value <= high))
    return pd.DataFrame(rows, columns=["quantity", "unit", "low", "high", "found", "inside"])


def _found(deployment: Deployment, replications: Sequence[Counts]) -> dict[str, float]:
    """Each quantity in base units, a year, as a mean over replications; NaN where it divides by nobody."""
    horizon = deployment.horizon
    per = 1.0 / (horizon.years * len(replications))
    volumes = pd.concat([counts.volumes for counts in replications])
    volumes = volumes[volumes["operator"] == _OPERATOR]
    totals = volumes.groupby("measure")["count"].sum()

    def yearly(measure: str) -> float:
        return float(totals.get(measure, 0)) * per

    files = volumes[(volumes["measure"] == "training_files") & volumes["public"].isin(PRIVATE_EMPLOYEES)]
    used = pd.concat([counts.hours_by for counts in replications])
    used = used[(used["operator"] == _OPERATOR) & used["stage"].isin(_INTERVIEWS)]
    accepted = deployment.tables.stage(
        "conseil", "p_bdc_acceptance", population="salaries", operator=_OPERATOR, intensity="actuelle"
    )
    if accepted is None:
        raise ValueError("stages.csv has no row conseil p_bdc_acceptance")
    received, etp = yearly("received"), _adviser_etp(deployment)
    return {
        "contacts": yearly("contacts"),
        "received": received,
        "bilans": yearly("bilans") * accepted.mode,
        "cif_requests": float(files["count"].sum()) * per,
        "received_per_adviser_etp": received / etp if etp else float("nan"),
        "direct_hours_per_person_received": (
            float(used["used_s"].sum()) * per / received if received else float("nan")
        ),
    }


def _adviser_etp(deployment: Deployment) -> float:
    """Mean posts of advisers over the horizon."""
    teams = deployment.teams
    advisers = teams.index[(teams["operator"] == _OPERATOR) & (teams["role"] == "advisers")]
    staff = deployment.staff
    here = staff[staff["team"].isin(advisers) & (staff["year"] >= deployment.horizon.launch.year)]
    return float(here["etp"].sum()) / deployment.horizon.years
