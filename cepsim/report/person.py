"""The story of one person of a run, as a table: what happened, when, and how long it took."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pandas as pd

from cepsim.experiment.retold import Retold
from cepsim.labels import Language, label
from cepsim.people.bilan_first import BILAN_CHANNELS
from cepsim.people.crowd import DISTANCES, SOURCES, WAYS_IN
from cepsim.report.cells import day, days
from cepsim.report.table import Table
from cepsim.scenario.vocabulary import AUTONOMY, CONSEIL_WORKS, IN_WORK, PROJECTS, PUBLICS
from cepsim.units import SECONDS_PER_MINUTE, format_number

_CHANNELS = (*WAYS_IN, *CONSEIL_WORKS, *BILAN_CHANNELS)
_FLAGS = (
    *(
        "admitted",
        "cadre",
        "registered",
        "reduced_activity",
        "pluriactif",
        "long_term",
        "under_26",
        "disabled",
    ),
    *("bilan", "returned", "remote", "short"),
)
_COLUMNS = ("when", "stage", "operator", "channel", "why", "wait", "length", "outcome")


def person_told(of: Retold, language: Language = "fr") -> Table:
    """One row a visit: date, stage, operator, channel, why, days waited, minutes, how it ended."""

    def text(key: str, **values: object) -> str:
        return label(f"person.{key}", language, **values)

    def when(second: int) -> str:
        moment = datetime.combine(of.scenario.calendar.launch_date, time()) + timedelta(seconds=second)
        return f"{day(moment, language)} {moment:%H:%M}"

    waited, rows = days(language), []
    for visit in of.visits.to_dict("records"):
        joined, called, ended = (visit[name] for name in ("joined", "called", "ended"))
        until = called if not pd.isna(called) else ended
        served = not pd.isna(called) and not pd.isna(ended)
        minutes = "" if not served else format_number((ended - called) / SECONDS_PER_MINUTE, language)
        rows.append(
            (
                when(joined),
                label(f"stage.{visit['stage']}", language),
                label(f"operator.{visit['operator']}", language),
                text(f"channel.{visit['channel']}") if visit["channel"] in _CHANNELS else "",
                text(f"reason.{visit['reason']}"),
                text("waiting") if pd.isna(until) else waited(until - joined),
                minutes,
                text(f"outcome.{visit['outcome']}"),
            )
        )
    left = text(f"left.{of.left}") if of.left else text("left.still_there")
    who = of.who
    title = getattr(of.scenario.title, language)
    in_reduced = bool(who["registered"]) and PUBLICS[who["public"]] in IN_WORK
    held = {**who, "registered": who["registered"] and not in_reduced, "reduced_activity": in_reduced}
    flags = [name for name in _FLAGS if held[name]]
    return Table(
        "person",
        text("title", number=of.number, region=of.region, scenario=title),
        text(
            "who",
            public=label(f"public.{PUBLICS[who['public']]}", language),
            source=text(f"source.{SOURCES[who['source']]}"),
            asked=when(of.asked),
            autonomy=text(f"autonomy.{AUTONOMY[who['autonomy']]}"),
            distance=text(f"distance.{DISTANCES[who['distance']]}"),
            project=label(f"project.{PROJECTS[who['project']]}", language),
            flags="".join(f" {text(f'flag.{name}')}" for name in flags),
            induced=text("induced" if who["induced"] else "base"),
            left=left,
        ),
        tuple(text(f"column.{name}") for name in _COLUMNS),
        tuple(rows),
    )
