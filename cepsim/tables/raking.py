"""The population of the regions: publics by region, events, and each region's part of what operators have.

Metropolitan regions are raked: their total of active people and the national total of each public are both
met to the person. Overseas regions come on top of the 28 328 k of slide 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cepsim.errors import TableError
from cepsim.tables.integers import Floats, Integers, fit_margins, share_out
from cepsim.tables.store import PRIVATE_PUBLICS, Tables

Mask = NDArray[np.bool_]

#: The publics in work and those out of work, in the order of the tables.
EMPLOYED: Final = (*PRIVATE_PUBLICS, "independants", "agents_publics")
UNEMPLOYED: Final = (
    "de_licenciement_eco",
    "de_rupture_conventionnelle",
    "de_fin_contrat_court",
    "de_autres",
)

#: The regional variable that gives a public its first spread over regions, before margins are met. Permanent
#: contracts and independants have none: they are what is left of private employees, and of people in work.
_PROXIES: Final = {
    "salaries_cdd": "cdd",
    "interimaires": "interim_etp",
    "alternants_jeunes_contrats": "employed_15_24",
    "agents_publics": "agents_publics",
    "de_licenciement_eco": "private_employees",
    "de_rupture_conventionnelle": "private_employees",
    "de_fin_contrat_court": "unemployed_bit_15_64",
    "de_autres": "unemployed_bit_15_64",
}

#: The regional variable by which each operator's staff and budget is shared out; apec has its own rule.
_OPERATOR_KEYS: Final = {
    "opacif": "private_employees",
    "pole_emploi": "unemployed_bit_15_64",
    "missions_locales": "missions_locales_in_contact",
    "cap_emploi": "disabled_job_seekers",
}

#: Yearly events: their figure, and the operator's key or the regional variable that shares them out.
_EVENTS: Final = {
    "licenciement_eco_hors_csp": ("demand.de_licenciement_eco.event.events_per_year_hors_csp", "opacif"),
    "licenciement_eco_csp": ("demand.de_licenciement_eco.event.events_per_year_csp", "opacif"),
    "rupture_conventionnelle": ("demand.de_rupture_conventionnelle.event.events_per_year", "opacif"),
    "sortants_formation_initiale": (
        "demand.sortants_formation_initiale.event.events_per_year",
        "employed_15_24",
    ),
    "apec_salaries": ("demand.cadres_salaries_prives.flow.accueil_apec_requests", "apec"),
    "apec_demandeurs_emploi": ("demand.cadres_demandeurs_emploi.flow.accueil_apec_requests", "apec"),
}


@dataclass(frozen=True, slots=True)
class Population:
    """People and events by region, in whole numbers.

    Attributes:
        stocks: int64 persons; index: the 26 region codes; columns: the ten publics. Metropolitan rows sum to
            the publics' totals exactly.
        events: int64 per year; index: the 26 regions; columns: layoffs outside and in CSP, ruptures
            conventionnelles, school leavers, and those who ask for accueil at APEC. A total whose perimeter
            is metropolitan is met by the 22 metropolitan regions, overseas on top by the same key; a total
            for France is met by the 26.
        keys: each region's part of an operator's staff, budget and demand; columns: operators; each sums to 1
            over the 26 regions.
        residuals: control, target, got, difference, exact: what must be met, and what is only compared
            because the published rows are rounded.
    """

    stocks: pd.DataFrame
    events: pd.DataFrame
    keys: pd.DataFrame
    residuals: pd.DataFrame


def rake(tables: Tables) -> Population:
    """The population implied by the tables, overrides included.

    Raises TableError if a regional variable lacks for a region or if the margins cannot be met.
    """
    regional = _regional(tables)
    metropolitan = np.array([region.zone == "metropole" for region in tables.regions])
    employed = _block(tables, regional, metropolitan, EMPLOYED, "employed_15_64")
    unemployed = _block(tables, regional, metropolitan, UNEMPLOYED, "unemployed_bit_15_64")
    codes = pd.Index([region.code for region in tables.regions], name="region")
    columns = [*EMPLOYED, *UNEMPLOYED]
    stocks = pd.DataFrame(np.hstack([employed, unemployed]), index=codes, columns=columns)
    keys = pd.DataFrame(_operator_keys(regional, metropolitan), index=codes)
    events = pd.DataFrame(_events(tables, regional, keys, metropolitan), index=codes)
    return Population(stocks, events, keys, _residuals(tables, regional, stocks, metropolitan))


def _regional(tables: Tables) -> dict[str, Floats]:
    """Each regional variable in base units, in the order of `tables.regions`; NaN where a region has none."""
    order = {region.code: row for row, region in enumerate(tables.regions)}
    variables: dict[str, Floats] = {}
    for id_ in tables.ids("regions"):
        figure = tables.figure(id_)
        values = variables.setdefault(figure.key("variable"), np.full(len(order), np.nan))
        values[order[figure.key("region")]] = figure.mode_in_base
    return variables


def _known(regional: dict[str, Floats], variable: str, rows: Mask | slice = slice(None)) -> Floats:
    """A regional variable that every region of `rows` must have."""
    values = regional.get(variable)
    if values is None or np.isnan(values[rows]).any():
        raise TableError(
            file="regions.csv",
            field="column variable",
            found=f"no {variable} for some regions" if values is not None else f"no {variable}",
            expected="a row for each region",
            remedy=f'Add the missing rows of "{variable}".',
        )
    return values[rows]


def _public_total(tables: Tables, public: str) -> int:
    """Persons of a public in metropolitan France."""
    return round(tables.figure(f"publics.stock.{public}.persons").mode_in_base)


def _block(
    tables: Tables,
    regional: dict[str, Floats],
    metropolitan: Mask,
    publics: tuple[str, ...],
    total: str,
) -> Integers:
    """Persons by region and public, in work or out of work: int64, shape (26, publics).

    The published rows of regions are rounded: they are scaled to the publics' total before they are margins.
    """
    margins = np.array([_public_total(tables, public) for public in publics], dtype=np.int64)
    everywhere = _known(regional, total)
    rows = share_out(int(margins.sum()), everywhere[metropolitan])
    totals = dict(zip(publics, margins.astype(np.float64), strict=True))
    seed = _seed(totals, regional, metropolitan, rows)
    cells = np.zeros((len(everywhere), len(publics)), dtype=np.int64)
    try:
        cells[metropolitan] = fit_margins(seed, rows, margins)
    except ValueError as error:
        raise TableError(
            file="regions.csv", field=total, found=str(error), expected="margins that raking can meet"
        ) from error
    for row in np.flatnonzero(~metropolitan):
        cells[row] = _overseas(regional, int(row), publics, total, margins)
    return cells


def _seed(
    totals: dict[str, float], regional: dict[str, Floats], metropolitan: Mask, rows: Integers
) -> Floats:
    """The first spread of each public over metropolitan regions, shape (22, publics).

    Private employees keep the regional spread of their key, so that a region's demand and the staff that the
    same key gives it start in step.
    """

    def spread(total: float, variable: str) -> Floats:
        values = _known(regional, variable, metropolitan)
        shares: Floats = values / values.sum()
        return total * shares

    columns = {
        public: spread(total, _PROXIES[public]) for public, total in totals.items() if public in _PROXIES
    }
    if "salaries_cdi" in totals:
        private = spread(sum(totals[public] for public in PRIVATE_PUBLICS), "private_employees")
        others = [columns[public] for public in PRIVATE_PUBLICS if public in columns]
        columns["salaries_cdi"] = private - np.sum(others, axis=0)
        columns["independants"] = rows - private - columns["agents_publics"]
    return np.column_stack([columns[public] for public in totals])


def _overseas(
    regional: dict[str, Floats], row: int, publics: tuple[str, ...], total: str, margins: Integers
) -> Integers:
    """One overseas region: public agents as given, the others in their metropolitan mix."""
    people = round(regional[total][row])
    if "agents_publics" not in publics:
        return share_out(people, margins.astype(np.float64))
    agents = round(float(_known(regional, "agents_publics", slice(row, row + 1))[0]))
    others = np.array([public != "agents_publics" for public in publics])
    cells = np.full(len(publics), agents, dtype=np.int64)
    cells[others] = share_out(people - agents, margins[others].astype(np.float64))
    return cells


def _operator_keys(regional: dict[str, Floats], metropolitan: Mask) -> dict[str, Floats]:
    """Each operator's regional shares, summing to 1 over the 26 regions."""
    keys = {operator: _known(regional, variable) for operator, variable in _OPERATOR_KEYS.items()}
    employed = _known(regional, "employed_15_64")
    # Shares of cadres are unknown overseas: the metropolitan mean stands for them.
    here = _known(regional, "cadre_share", metropolitan)
    cadres = np.full(len(employed), np.average(here, weights=employed[metropolitan]))
    cadres[metropolitan] = here
    keys["apec"] = cadres * employed
    return {operator: weights / weights.sum() for operator, weights in keys.items()}


def _events(
    tables: Tables, regional: dict[str, Floats], keys: pd.DataFrame, metropolitan: Mask
) -> dict[str, Integers]:
    events: dict[str, Integers] = {}
    for name, (id_, key) in _EVENTS.items():
        figure = tables.figure(id_)
        weights = keys[key].to_numpy() if key in keys else _known(regional, key)
        total = round(figure.mode_in_base)
        if figure.perimeter == "metropole":
            here = share_out(total, weights[metropolitan])
            above = round(total * float(weights[~metropolitan].sum() / weights[metropolitan].sum()))
            counts = np.zeros(len(weights), dtype=np.int64)
            counts[metropolitan] = here
            counts[~metropolitan] = share_out(above, weights[~metropolitan])
        else:
            counts = share_out(total, weights)
        events[name] = counts
    return events


def _residuals(
    tables: Tables, regional: dict[str, Floats], stocks: pd.DataFrame, metropolitan: Mask
) -> pd.DataFrame:
    """What raking was to meet and what it gives, in persons."""
    here = stocks.loc[metropolitan]
    rows: list[tuple[str, float, float, bool]] = []
    groups: dict[str, tuple[str, ...]] = {
        "all_active": (*EMPLOYED, *UNEMPLOYED),
        "all_employed": EMPLOYED,
        "all_unemployed": UNEMPLOYED,
        "salaries_prives": PRIVATE_PUBLICS,
    }
    for control, publics in groups.items():
        figure = tables.figure(f"publics.control.{control}.sum_of_stocks@check")
        target = figure.mode_in_base
        rows.append((f"metropole.{control}", target, int(here[list(publics)].to_numpy().sum()), True))
    for public in stocks.columns:
        rows.append((f"metropole.{public}", _public_total(tables, public), int(here[public].sum()), True))
    published: dict[str, tuple[str, ...]] = {
        "employed_15_64": EMPLOYED,
        "unemployed_bit_15_64": UNEMPLOYED,
        "agents_publics": ("agents_publics",),
        "private_employees": PRIVATE_PUBLICS,
    }
    for name, publics in published.items():
        got = stocks[list(publics)].sum(axis=1)
        for position, code in enumerate(stocks.index):
            # Overseas, private employees are a key alone; the three other variables are met as published.
            overseas = not metropolitan[position]
            if not (overseas and name == "private_employees"):
                row = (f"{code}.{name}", regional[name][position], int(got.iloc[position]), overseas)
                rows.append(row)
    frame = pd.DataFrame(rows, columns=["control", "target", "got", "exact"])
    frame["target"] = frame["target"].round(6)
    frame.insert(3, "difference", frame["got"] - frame["target"])
    return frame
