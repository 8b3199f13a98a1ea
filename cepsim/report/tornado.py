"""The picture of a tornado: what each end of each hypothesis changes of an outcome."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill
from typing import Final

import numpy as np
from matplotlib.figure import Figure

from cepsim.experiment.sentence import headline
from cepsim.labels import Language, label
from cepsim.report.style import (
    Caption,
    canvas,
    colour,
    counted,
    hatch,
    legend,
    room_for_labels,
    save,
    shared,
    sober,
)
from cepsim.sensitivity import Tornado
from cepsim.sensitivity.sentence import amount, main_outcomes, plain
from cepsim.sensitivity.tornado import ENDS
from cepsim.sensitivity.words import words

#: Hypotheses drawn, and letters of a line of their ids.
_DRAWN: Final = 12
_ID_COLUMNS: Final = 34
_DIGEST: Final = 8
_BAR_INCHES: Final = 0.38


def tornado_pictures(
    of: Tornado, folder: Path, language: Language = "fr", outcomes: tuple[str, ...] = ()
) -> list[Path]:
    """Draw a tornado an outcome (those of `main_outcomes` where none is named); returns the files written."""
    written = []
    with sober():
        for outcome in outcomes or tuple(main_outcomes(of)):
            picture = tornado_picture(of, outcome, language)
            if picture is not None:
                written += save(picture, folder, f"tornado-{outcome}")
    return written


def tornado_picture(of: Tornado, outcome: str, language: Language = "fr") -> Figure | None:
    """Bars from the longest, both ends of each hypothesis; None where nothing moves the outcome."""
    ranking = of.ranking[(of.ranking["outcome"] == outcome) & (of.ranking["size"] > 0.0)].head(_DRAWN)
    ids = ranking["figure"].tolist()
    if not ids:
        return None
    effects = of.effects[of.effects["outcome"] == outcome].set_index(["figure", "end"])
    unit = of.study.units[of.study.names.index(outcome)]
    figure, (axis,) = canvas(
        _caption(of, outcome, str(ids[0]), language), language, 1, 0.8 + _BAR_INCHES * len(ids)
    )
    places = np.arange(len(ids))
    for rank, end in enumerate(ENDS):
        here = effects.loc[[(id_, end) for id_ in ids]]
        change = here["effect"].to_numpy(dtype=np.float64)
        bounds = [here[f"effect_{side}"].to_numpy(dtype=np.float64) for side in ("low", "high")]
        known = np.isfinite(bounds[0])
        axis.barh(
            places + (rank - 0.5) * 0.4,
            np.nan_to_num(change),
            height=0.4,
            color=colour(rank),
            hatch=hatch(rank),
            edgecolor="white",
            alpha=0.75,
            label=label(f"sensitivity.at_{end}", language),
        )
        axis.errorbar(
            change[known],
            (places + (rank - 0.5) * 0.4)[known],
            xerr=[change[known] - bounds[0][known], bounds[1][known] - change[known]],
            fmt="none",
            ecolor="black",
            elinewidth=0.8,
        )
    axis.axvline(0.0, color="black", linewidth=0.8)
    axis.set_yticks(places, [_name(id_, language) for id_ in ids])
    axis.invert_yaxis()
    what = label(f"precision.indicator.{outcome}", language)
    # delays say their unit already
    axis.set_xlabel(what if unit == "working_days" else f"{what} ({label(f'unit.{unit}', language)})")
    if unit == "share":
        shared(axis, "xaxis", language)
    else:
        counted(axis, "xaxis", language)
    legend(figure, axis.get_legend_handles_labels()[0], columns=len(ENDS))
    room_for_labels(figure, axis)
    return figure


def _name(id_: str, language: Language) -> str:
    """A hypothesis in a few lines: in words, or its id broken at its points."""
    told = words(id_, language)
    if told != id_:
        return fill(told, _ID_COLUMNS)
    return fill(id_.replace(".", ". "), _ID_COLUMNS).replace(". ", ".")


def _caption(of: Tornado, outcome: str, id_: str, language: Language) -> Caption:
    """It reads aloud the end of the first hypothesis that changes most."""
    effects = of.effects[(of.effects["outcome"] == outcome) & (of.effects["figure"] == id_)]
    row = effects.iloc[int(np.nanargmax(effects["effect"].abs().to_numpy()))]
    hypothesis = next(figure for figure in of.study.hypotheses.figures if figure.id == id_)
    title, planned = of.study.scenario.title, of.study.planned
    what = label(f"precision.indicator.{outcome}", language)
    return Caption(
        title=label("sensitivity.title", language, outcome=what),
        reading=label(
            "sensitivity.reading",
            language,
            scenario=title.fr if language == "fr" else title.en,
            figure=words(id_, language),
            outcome=what,
            change=amount(float(row["effect"]), str(row["unit"]), language, sign=True),
            mode=plain(hypothesis.mode, language),
            value=plain(float(row["value"]), language),
            unit=label(f"unit.{hypothesis.unit}", language),
        ),
        scope=label("sensitivity.scope", language, headline=headline(planned, language)),
        source=label("figure.from", language, version=planned.tables.digest[:_DIGEST], seed=planned.seed),
        note=label("sensitivity.drawn", language),
    )
