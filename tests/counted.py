"""Counts with a few rows, and the indicators that are read of them."""

import pandas as pd
from deployments import deployment, desk

from cepsim.indicators import ALL, Counts, Window
from cepsim.indicators.counts import MEASURES_OF
from cepsim.indicators.rows import KEYS

DAY = 86_400

KEYS_OF = {
    "waits": ("region", "public", "operator", "stage", "cohort", "bin"),
    "waits_working_days": ("region", "public", "operator", "stage", "cohort", "bin"),
    "losses": ("region", "public", "operator", "stage", "cohort", "cause"),
    "offers": ("region", "public", "operator", "cohort"),
    "funnel": ("region", "public", "admitted", "step"),
    "attributes": ("attribute", "has", "step"),
    "identities": ("year", "region", "public", "admitted"),
    "identities_ever": ("region", "public", "admitted"),
    "exits": ("region", "public", "year", "operator", "stage", "cause", "outcome"),
    "backlog": ("region", "operator", "stage", "day"),
    "hours": ("region", "operator", "role", "team", "year"),
    "hours_by": ("year", "region", "operator", "stage", "public", "admitted"),
    "volumes": ("year", "region", "operator", "stage", "public", "admitted", "measure"),
}
USUAL = {
    "region": "53", "public": "salaries_cdi", "operator": "opacif", "stage": "accueil", "cohort": 0, "bin": 0,
    "cause": "gave_up", "admitted": 0, "step": "first_requests", "year": 2015, "outcome": "served", "day": 4,
    "role": "advisers", "team": "advisers", "measure": "received",
    "attribute": "cadre", "has": 0,
}  # fmt: skip


def counts(**tables):
    """Counts with some rows; a key that a row does not give takes a usual value."""
    horizon = deployment(desk(), stations=[], teams=[]).horizon
    window = Window(horizon.launch, (0, 365 * DAY, 731 * DAY), tuple(horizon.cohort_bounds), 1096 * DAY, 10)
    frames = {}
    for name, measures in MEASURES_OF.items():
        columns = (*KEYS_OF[name], *measures)
        rows = [
            {**{k: USUAL[k] for k in KEYS_OF[name]}, **dict.fromkeys(measures, 0), **row}
            for row in tables.get(name, ())
        ]
        frame = pd.DataFrame(rows, columns=list(columns))
        for column in columns:
            whole = column in (*measures, "cohort", "bin", "admitted", "year", "day", "has")
            frame[column] = frame[column].astype("int64" if whole else "str")
        frames[name] = frame
    return Counts(window, **frames)


def found(frame, indicator, **keys):
    """The rows of an indicator; keys not given are ALL."""
    rows = frame[frame["indicator"] == indicator]
    for key in KEYS[1:]:
        rows = rows[rows[key] == keys.get(key, ALL)]
    return rows


def value(frame, indicator, **keys):
    (one,) = found(frame, indicator, **keys)["value"]
    return one
