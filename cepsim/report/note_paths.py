"""The typical paths of a note: what each costs a person, and how long it takes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import pandas as pd

from cepsim.report.cells import days, euros, row_of, share
from cepsim.report.table import Table

if TYPE_CHECKING:
    from cepsim.report.note import Note

_ALL: Final = "all"
_CENTS: Final = 100
#: Typical paths: the operator, and the last stage of each; the wait whose delay is given with it.
_PATHS: Final = (
    ("opacif", "information"),
    ("opacif", "accueil"),
    ("opacif", "conseil"),
    ("opacif", "ingenierie"),
    ("pole_emploi", "information"),
    ("pole_emploi", "conseil"),
    ("pole_emploi", "ingenierie"),
    ("apec", "ingenierie"),
    ("missions_locales", "ingenierie"),
)
_WAIT_OF: Final = {"information": "information", "accueil": "accueil", "ingenierie": "projet"}
#: What begins the names of bilans among the natures of cost: not everybody on a path takes one.
_BILANS: Final = "bilan_"
#: Who has been through a stage, by stage: the measure whose number its cost is divided by.
_THROUGH: Final = {
    "information": "answered",
    "accueil": "received",
    "conseil": "conseil_entered",
    "formalisation": "formalised",
    "ingenierie": "files",
}


def paths(note: Note) -> Table:
    """Typical paths under the main scenario: what each costs, and how long it takes."""
    frame = note.of(note.main)
    ledger = note.run.ledger[note.run.ledger["scenario"] == note.main]
    is_bilan = ledger["nature"].str.startswith(_BILANS)
    direct = ledger[~is_bilan].groupby(["operator", "stage"])["amount_cents"].sum()
    bilans = ledger[is_bilan].groupby("operator")["amount_cents"].sum()
    rows = []
    for operator, last in _PATHS:
        each, known = 0.0, True
        for stage, measure in _THROUGH.items():
            through = _through(note, operator, stage, measure)
            known = known and through > 0
            if through > 0:
                each += _euros(note, direct.get((operator, stage), 0)) / through
            if stage == last:
                break
        of_stages = direct[direct.index.get_level_values("operator") == operator]
        on_stages = of_stages[of_stages.index.get_level_values("stage").isin(_THROUGH)].sum()
        loaded = each * float(of_stages.sum()) / float(on_stages) if on_stages else float("nan")
        received = _through(note, operator, "accueil", "received")
        bilan = _euros(note, bilans.get(operator, 0)) / received if received else float("nan")
        write = euros(note.language)
        rows.append(
            (
                note.operator(operator),
                note.said(f"paths.until.{last}"),
                write(each) if known else "–",
                write(loaded) if known else "–",
                "–" if last == "information" or math.isnan(bilan) else write(bilan),
                *_how_long(note, frame, operator, last),
            )
        )
    names = ("cost", "loaded", "bilan", "p50", "p90", "lost")
    columns = [note.text("operator"), note.said("paths.name"), *(note.said(f"paths.{n}") for n in names)]
    return note.noted("paths", columns, rows, scenario=note.scenario(note.main))


def _euros(note: Note, cents: float) -> float:
    """The mean over replications of cents summed over them, in euros."""
    return float(cents) / note.run.plan.replications / _CENTS


def _how_long(note: Note, frame: pd.DataFrame, operator: str, last: str) -> list[str]:
    """Median, nine in ten, and who leaves before; a dash where no wait is counted to that point."""
    if last not in _WAIT_OF:
        return ["–"] * 3
    keys = {"operator": operator, "stage": _WAIT_OF[last]}
    in_days, parts = days(note.language), share(note.language)
    return [
        note.value(frame, in_days, {**keys, "indicator": "wait_p50"}),
        note.value(frame, in_days, {**keys, "indicator": "wait_p90"}),
        note.value(frame, parts, {**keys, "indicator": "share_lost"}),
    ]


def _through(note: Note, operator: str, stage: str, measure: str) -> float:
    """How many have been through a stage of an operator within the horizon."""
    frame = note.of(note.main)
    keys = {"operator": operator, "public": _ALL, "team": _ALL}
    if measure == "formalised":
        joined = row_of(frame, indicator="entered", stage=stage, **keys)
        lost = row_of(frame, indicator="share_lost", stage=stage, **keys)
        return 0.0 if joined is None or lost is None else float(joined["mean"]) * (1.0 - float(lost["mean"]))
    row = row_of(frame, indicator=measure, stage=_ALL, **keys)
    return 0.0 if row is None else float(row["mean"])
