"""A run held against what was observed: today's service, and what the operator costs.

Some inputs were set on a mark, so that a run that meets it shows a calibration and proves nothing; the
others are independent. The table `marks` says which: its column `set_inputs` holds their ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from cepsim.indicators.counts import Counts
from cepsim.indicators.rows import ALL
from cepsim.indicators.volumes import CIF_OPERATOR, cif_requests
from cepsim.people.commissions import BUDGETS, way_of
from cepsim.people.deployment import Deployment
from cepsim.scenario.vocabulary import PUBLICS
from cepsim.tables import Figure, Tables
from cepsim.units import UNITS

_OPERATOR: Final = CIF_OPERATOR
_INTERVIEWS: Final = ("accueil", "conseil", "formalisation")
#: Kinds of figures that are amounts: the run's regions have their part of them.
_SHARED_OUT: Final = "flow"
#: Marks on unit costs and the unit cost that each is held against: of `reference` alone, of all others.
_OF_REFERENCE: Final = {"cost_per_person_received": "per_person_received"}
_OF_OTHERS: Final = {"cost_per_person_entering_conseil": "per_person_entering_conseil"}
_COLUMNS: Final = ("scenario", "quantity", "unit", "low", "high", "found", "inside", "set_inputs")


def marks(deployment: Deployment, replications: Sequence[Counts]) -> pd.DataFrame:
    """The marks of the table `marks`, scaled to the run's regions, and what the run gives instead.

    Columns scenario, quantity, unit, low, high, found (a year, mean over replications; absent where nobody
    was received), inside, set_inputs (ids of the inputs that were set on the mark, joined by "+"). A flow is
    scaled by the regions' part of the operator's key; a rate is not. Marks on costs are in `cost_marks`.
    Raises ValueError without replications, or where the table holds a mark that nothing is counted for.
    """
    if not replications:
        raise ValueError("marks need at least one replication")
    part = float(deployment.population.keys[_OPERATOR].loc[list(deployment.regions)].sum())
    found = _found(deployment, replications)
    rows = []
    for mark in _marks_of(deployment.tables):
        quantity = mark.key("quantity")
        if quantity in _OF_REFERENCE or quantity in _OF_OTHERS:
            continue
        if mark.key("operator") != _OPERATOR or quantity not in found:
            raise ValueError(f"marks.csv holds {mark.id}, for which nothing is counted")
        scale = part if mark.kind == _SHARED_OUT else 1.0
        value = found[quantity] / UNITS[mark.unit].factor
        rows.append(_row(deployment.scenario.name, mark, value, scale))
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def cost_marks(tables: Tables, unit_costs: pd.DataFrame, reference: str, index: float = 1.0) -> pd.DataFrame:
    """The marks on the operator's cost, bilans left out, against the unit costs of a run.

    `reference` is held to its cost per person received, the others to theirs per person entering conseil.
    `unit_costs` has columns scenario, operator, year, indicator and mean, in euros ("all" over the horizon).
    `index` of these euros are one of the marks, which are shown in the euros of the run.
    The same columns as `marks`; a cost that is not there, because nobody is, is absent.
    """
    horizon = unit_costs[unit_costs["year"] == ALL]
    rows = []
    for mark in _marks_of(tables):
        quantity = mark.key("quantity")
        name = {**_OF_REFERENCE, **_OF_OTHERS}.get(quantity)
        here = horizon[(horizon["operator"] == mark.key("operator")) & (horizon["indicator"] == name)]
        for scenario in dict.fromkeys(horizon["scenario"]):
            if (scenario == reference) == (quantity in _OF_REFERENCE) and name is not None:
                value = here.loc[here["scenario"] == scenario, "mean"]
                rows.append(_row(scenario, mark, float(value.iloc[0]) if len(value) else float("nan"), index))
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _marks_of(tables: Tables) -> list[Figure]:
    return [tables.figure(id_) for id_ in tables.ids("marks")]


def _row(scenario: str, mark: Figure, value: float, scale: float = 1.0) -> tuple[object, ...]:
    """A row of `marks`: what was found beside the mark, in the mark's unit."""
    low, high = mark.low * scale, mark.high * scale
    inside = low <= value <= high
    return (scenario, mark.key("quantity"), mark.unit, low, high, value, inside, mark.extra("set_inputs"))


def _found(deployment: Deployment, replications: Sequence[Counts]) -> dict[str, float]:
    """Each quantity in base units, a year, as a mean over replications; NaN where it divides by nobody."""
    horizon = deployment.horizon
    per = 1.0 / (horizon.years * len(replications))
    volumes = pd.concat([counts.volumes for counts in replications])
    requests = cif_requests(volumes)
    volumes = volumes[volumes["operator"] == _OPERATOR]
    totals = volumes.groupby("measure")["count"].sum()

    def yearly(measure: str) -> float:
        return float(totals.get(measure, 0)) * per

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
        "cif_requests": float(requests["count"].sum()) * per,
        **_acceptance(volumes),
        "received_per_adviser_etp": received / etp if etp else float("nan"),
        "direct_hours_per_person_received": (
            float(used["used_s"].sum()) * per / received if received else float("nan")
        ),
    }


def _acceptance(volumes: pd.DataFrame) -> dict[str, float]:
    """Share of favourable decisions of commissions, by budget; a file lodged again counts again."""
    found = {}
    for way, name in enumerate(BUDGETS):
        here = volumes[volumes["public"].isin([public for public in PUBLICS if way_of(public) == way])]
        accepted, refused = (
            float(here.loc[here["measure"] == measure, "count"].sum())
            for measure in ("cif_accepted", "cif_refusals")
        )
        decided = accepted + refused
        share = accepted / decided if decided else float("nan")
        found[name.replace("commission", "cif_acceptance")] = share
    return found


def _adviser_etp(deployment: Deployment) -> float:
    """Mean posts of advisers over the horizon."""
    advisers = deployment.teams.index[deployment.teams["role"] == "advisers"]
    staff = deployment.staff
    of_operator = staff["team"].isin(advisers) & (staff["operator"] == _OPERATOR)
    here = staff[of_operator & (staff["year"] >= deployment.horizon.launch.year)]
    return float(here["etp"].sum()) / deployment.horizon.years
