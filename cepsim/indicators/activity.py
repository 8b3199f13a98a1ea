"""What is done and with which means: volumes, funnel, coverage, exits, backlog, hours, occupation, load."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import pandas as pd

from cepsim.indicators.counts import Counts
from cepsim.indicators.rows import levels, rows, together
from cepsim.indicators.tally import in_words
from cepsim.indicators.volumes import cif_requests
from cepsim.units import SECONDS_PER_HOUR

_PLACES: Final[tuple[tuple[str, ...], ...]] = ((), ("operator",), ("region",), ("region", "operator"))
_PEOPLE: Final[tuple[tuple[str, ...], ...]] = ((), ("region",), ("public",), ("region", "public"))
#: Stages of the hours that decide an adviser's load, and a first line's.
_FIRST_LINE_STAGE: Final = "information"


def volumes(counts: Counts) -> pd.DataFrame:
    """Every measure of `volumes.MEASURES`, by year and over the horizon, over all stages and at each.

    cif_requests beside them: those of `training_files` that are requests for a CIF.
    """
    table = _with_period(
        pd.concat([in_words(counts.volumes), in_words(cif_requests(counts.volumes))], ignore_index=True)
    )
    parts = []
    for keys in (*_PLACES, ("public",), ("region", "public")):
        by = [[*keys, "period", "measure"], [*keys, "stage", "period", "measure"]]
        for sums in levels(table, by, ["count"]):
            parts.append(rows(sums, sums["measure"], "times", sums["count"], additive=True))
    found = together(parts)
    found.loc[found["indicator"].isin(["working_time_s", "bilan_wait_s"]), "unit"] = "seconds"
    return found


def funnel(counts: Counts) -> pd.DataFrame:
    """people_<step>, contacts_<step> and visits_<step>; share_of_requests_<step>: of those who first ask."""
    parts = []
    for keys in _PEOPLE:
        (sums,) = levels(counts.funnel, [[*keys, "step"]], ["people", "contacts", "visits"])
        for measure, unit in (("people", "persons"), ("contacts", "times"), ("visits", "times")):
            some = sums[sums[measure] > 0]
            people = some["people"] if measure != "people" else None
            name = f"{measure}_" + some["step"]
            parts.append(rows(some, name, unit, some[measure], people=people, additive=True))
        asked = sums[sums["step"] == "first_requests"]
        first = asked[[*keys, "people"]].rename(columns={"people": "asked"})
        together_ = sums.merge(first, on=list(keys)) if keys else sums.assign(asked=first["asked"].sum())
        together_ = together_[together_["asked"] > 0]
        share = together_["people"] / together_["asked"]
        name = "share_of_requests_" + together_["step"]
        parts.append(rows(together_, name, "share", share, people=together_["people"]))
    return together(parts)


def coverage(counts: Counts, stocks: pd.DataFrame) -> pd.DataFrame:
    """Identities reached and served, each once a year; coverage_reached, coverage_served: over the stock.

    `stocks` are persons, regions by publics; a public without a stock (school leavers) counts in no coverage.
    """
    parts = []
    names = ("reached", "served")
    by_year = counts.identities.assign(period=counts.identities["year"].astype(str))
    for table in (by_year, counts.identities_ever.assign(period="all")):
        for keys in _PEOPLE:
            (sums,) = levels(table, [[*keys, "period"]], names)
            parts += [rows(sums, name, "persons", sums[name], additive=True) for name in names]
    here = stocks.loc[sorted(set(counts.identities["region"]))].rename_axis("region").reset_index()
    persons = here.melt(id_vars="region", var_name="public", value_name="stock")
    of_stocks = by_year[by_year["public"].isin(stocks.columns)]
    for keys in _PEOPLE:
        (sums,) = levels(of_stocks, [[*keys, "period"]], names)
        (stock,) = levels(persons, [keys], ["stock"])
        both = sums.merge(stock, on=list(keys)) if keys else sums.assign(stock=int(stock["stock"].sum()))
        both = both[both["stock"] > 0]
        for name in names:
            share = both[name] / both["stock"]
            parts.append(rows(both, f"coverage_{name}", "share", share, people=both[name]))
    return together(parts)


def exits(counts: Counts) -> pd.DataFrame:
    """exit_<cause>_after_<outcome>: people who left, or were still there at the end of the horizon."""
    table = _with_period(counts.exits)
    parts = []
    for keys in (*_PLACES, ("public",), ("region", "public")):
        (sums,) = levels(table, [[*keys, "stage", "period", "cause", "outcome"]], ["people"])
        name = "exit_" + sums["cause"] + "_after_" + sums["outcome"]
        parts.append(rows(sums, name, "persons", sums["people"], additive=True))
    return together(parts)


def backlog(counts: Counts) -> pd.DataFrame:
    """backlog: people waiting on each Monday at 00:00; period: the date."""
    launch = counts.window.launch
    parts = []
    for keys in _PLACES:
        (sums,) = levels(counts.backlog, [[*keys, "stage", "day"]], ["waiting"])
        dates = [(launch + timedelta(days=day)).isoformat() for day in sums["day"].tolist()]
        dated = sums.assign(period=pd.Series(dates, index=sums.index, dtype="str"))
        parts.append(rows(dated, "backlog", "persons", dated["waiting"], additive=True))
    return together(parts)


def hours(counts: Counts) -> pd.DataFrame:
    """hours_duty, hours_used, hours_overtime, hours_idle, and occupation: used inside duty over duty."""
    table = _with_period(counts.hours).rename(columns={"role": "team", "team": "name"})
    measures = ("duty", "used", "overtime", "idle")
    parts = []
    for keys in _PLACES:
        (sums,) = levels(table, [[*keys, "team", "period"]], [f"{name}_s" for name in measures])
        for name in measures:
            value = sums[f"{name}_s"] / SECONDS_PER_HOUR
            parts.append(rows(sums, f"hours_{name}", "hours", value, additive=True))
        on_duty = sums[sums["duty_s"] > 0]
        inside = (on_duty["used_s"] - on_duty["overtime_s"]) / on_duty["duty_s"]
        parts.append(rows(on_duty, "occupation", "share", inside, people=on_duty["duty_s"]))
    return together(parts)


def load(counts: Counts) -> pd.DataFrame:
    """load: the work that everybody who comes would take, over the capacity on duty.

    Advisers: hours worked per person received × those who ask for an accueil, less the share who do not
    come in the end; first line: hours worked per contact answered × contacts. Both over hours on duty. Work
    that people lost on the way would have brought is in; above 1, somebody must be lost or wait longer.
    """
    duty = _with_period(counts.hours).rename(columns={"role": "team", "team": "name"})
    done = _with_period(counts.volumes)
    asked = {"advisers": ("ask_accueil", "received"), "first_line": ("contacts", "answered")}
    parts = []
    for keys in _PLACES:
        by = [*keys, "period"]
        (flows,) = levels(done, [[*by, "measure"]], ["count"])
        wide = flows.pivot_table(index=by, columns="measure", values="count", fill_value=0).reset_index()
        absent = _share_absent(counts, keys)
        (sums,) = levels(duty, [[*by, "team"]], ["duty_s", "used_s"])
        for team, (coming, attended) in asked.items():
            if coming not in wide or attended not in wide:
                continue
            found = sums[(sums["team"] == team) & (sums["duty_s"] > 0)].merge(wide, on=by)
            found = found[found[attended] > 0]
            if team == "advisers":
                found = (
                    found.merge(absent, on=list(keys), how="left")
                    if keys
                    else found.join(absent, how="cross")
                )
                found[coming] = found[coming] * (1.0 - found["absent"].fillna(0.0))
            value = found["used_s"] / found[attended] * found[coming] / found["duty_s"]
            parts.append(rows(found, "load", "factor", value, people=found[attended]))
    return together(parts)


def _share_absent(counts: Counts, keys: tuple[str, ...]) -> pd.DataFrame:
    """Share of those who ask for an accueil who do not come to it in the end."""
    entered = counts.waits[counts.waits["stage"] == "accueil"]
    lost = counts.losses[(counts.losses["stage"] == "accueil") & (counts.losses["cause"] == "no_show")]
    (all_,), (gone,) = levels(entered, [keys], ["entered"]), levels(lost, [keys], ["lost"])
    if not keys:
        return pd.DataFrame({"absent": [float(gone["lost"].sum()) / max(int(all_["entered"].sum()), 1)]})
    both = all_.merge(gone, on=list(keys), how="left")
    return both.assign(absent=both["lost"].fillna(0) / both["entered"])[[*keys, "absent"]]


def _with_period(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of each year, and again over the horizon."""
    return pd.concat(
        [table.assign(period=table["year"].astype(str)), table.assign(period="all")], ignore_index=True
    )
