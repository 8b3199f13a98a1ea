"""What every picture of a run needs: its texts, titles, captions and the waits that it draws."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import numpy as np
import pandas as pd

from cepsim.experiment import Results
from cepsim.experiment.sentence import places
from cepsim.indicators import ALL, FEWEST_REPLICATIONS, Window
from cepsim.indicators.bins import SECONDS
from cepsim.indicators.curves import of_horizon
from cepsim.indicators.estimates import Curves
from cepsim.labels import Language, label, plural
from cepsim.report.cells import day, period
from cepsim.report.style import Caption
from cepsim.units import SECONDS_PER_DAY, format_number, format_share

#: The operator that captions read aloud.
OPERATOR: Final = "opacif"
#: Never all together: the accueil of Pôle emploi, inside its registration interview, hides the others' wait.
WAIT_OPERATORS: Final = ("opacif", "pole_emploi")
BACKLOG_OPERATORS: Final = ("opacif", "apec", "pole_emploi")
#: Days at which the bins of waits end.
BIN_DAYS: Final = SECONDS.lower[1:] / SECONDS_PER_DAY
_MONTH: Final = 30
STEPS: Final = ("ask_accueil", "received", "conseil_entered", "conseil_finished", "files", "completed")


def delay_curves(waits: Sequence[pd.DataFrame], stage: str, operator: str) -> Curves:
    """Shares received and lost by time since joining a stage, cohorts of the horizon weighed by size.

    `waits` are those of the horizon, a table a replication. One curve over the people of all replications,
    shape (1, bins of `indicators.bins.SECONDS`).
    """
    table = pd.concat([each[(each["stage"] == stage) & (each["operator"] == operator)] for each in waits])
    groups = table.groupby("cohort", sort=True).ngroup().to_numpy()
    shape = (int(groups.max(initial=-1)) + 1, len(SECONDS))
    counted_by: dict[str, np.ndarray[tuple[int, int], np.dtype[np.int64]]] = {}
    for measure in ("entered", "called", "lost", "censored"):
        counted_by[measure] = np.zeros(shape, dtype=np.int64)
        np.add.at(counted_by[measure], (groups, table["bin"].to_numpy()), table[measure].to_numpy())
    curves = Curves.of(**counted_by)
    return curves.mixed(np.zeros(shape[0], dtype=np.int64), counted_by["entered"].sum(axis=1))


class Drawer:
    """A run, and the language in which its pictures speak."""

    def __init__(self, results: Results, language: Language) -> None:
        self.results, self.language = results, language
        self.scenarios = results.plan.scenarios
        self.whole = results.indicators[results.indicators["region"] == ALL]

    def text(self, key: str, **values: object) -> str:
        """A text of the pictures."""
        return label(f"figure.{key}", self.language, **values)

    def title_of(self, name: str) -> str:
        """The title of a scenario."""
        title = next(s.title for s in self.scenarios if s.name == name)
        return title.fr if self.language == "fr" else title.en

    def operator(self, code: str) -> str:
        """The name of an operator."""
        return label(f"operator.{code}", self.language)

    @property
    def has_intervals(self) -> bool:
        """Whether there are enough replications to draw what they vary by."""
        return self.results.plan.replications >= FEWEST_REPLICATIONS

    def caption(self, name: str, drawn: str = "", note: str = "note", **values: object) -> Caption:
        """The texts of a picture; `drawn` is how it shows intervals, "bars" or "band", if it does.

        `note` is the key of its note: the same figures are read otherwise where they are drawn otherwise.
        """
        plan = self.results.plan
        common = {
            "places": places(plan, self.language),
            "period": period(plan.scenarios[0].calendar, self.language),
            "replications": plural("sentence.replications", plan.replications, self.language),
        }
        keys = {"title": "title", "reading": "reading", "scope": "scope", "note": note}
        texts = {part: self.text(f"{name}.{key}", **common, **values) for part, key in keys.items()}
        if drawn:
            texts["note"] += " " + self.text(drawn if self.has_intervals else "no_interval")
        if plan.sample > 1:
            texts["note"] += " " + self.text("sample", sample=plan.sample)
        return Caption(source=self.text("from", version=plan.tables.digest[:8], seed=plan.seed), **texts)

    def share(self, value: float) -> str:
        """A share as a percentage without decimals."""
        return format_share(value, self.language, 0)

    # -- what the pictures show -------------------------------------------------------------------------

    def wait_curves(self) -> dict[tuple[str, str], Curves]:
        """What becomes of those who ask for an accueil, by operator and scenario."""
        return {
            (operator, scenario.name): delay_curves(waits, "accueil", operator)
            for scenario in self.scenarios
            for waits in [self._waits_of(scenario.name)]
            for operator in WAIT_OPERATORS
        }

    def _waits_of(self, scenario: str) -> list[pd.DataFrame]:
        """The waits for an accueil that are drawn, of each replication: a country's are too many to keep."""
        found = []
        for measured in self.results.measured[scenario]:
            counts = measured.counts
            table = of_horizon(counts.waits, counts.window)
            found.append(table[(table["stage"] == "accueil") & table["operator"].isin(WAIT_OPERATORS)])
        return found

    def waits_caption(self, curves: Curves, note: str = "note") -> Caption:
        """It reads aloud what became in thirty days of those who asked, in the last scenario."""
        month = int(np.searchsorted(BIN_DAYS, _MONTH))
        return self.caption(
            "waits",
            note=note,
            scenario=self.title_of(self.scenarios[-1].name),
            received=self.share(curves.received[0][month]),
            lost=self.share(curves.lost[0][month]),
        )

    def people_by_step(self) -> dict[str, pd.DataFrame]:
        """Mean and interval of the people at each of `STEPS`, over the horizon, by scenario."""
        horizon = self.whole[(self.whole["period"] == ALL) & (self.whole["public"] == ALL)]
        found = horizon[horizon["indicator"].isin([f"people_{step}" for step in STEPS])]
        found = found.assign(step=found["indicator"].str.removeprefix("people_"))
        return {
            scenario.name: found[found["scenario"] == scenario.name].set_index("step").reindex(list(STEPS))
            for scenario in self.scenarios
        }

    def funnel_caption(self, people: pd.DataFrame) -> Caption:
        """It reads aloud how many ask and are received in the last scenario."""
        return self.caption(
            "funnel",
            "bars",
            scenario=self.title_of(self.scenarios[-1].name),
            asked=format_number(float(people["mean"]["ask_accueil"]), self.language),
            received=format_number(float(people["mean"]["received"]), self.language),
        )

    def horizon_end(self) -> date:
        """When the years counted end; beyond is the follow-up."""
        window = self._window
        return window.launch + timedelta(seconds=window.end)

    def waiting(self, operator: str, scenario: str) -> pd.DataFrame:
        """Mean and interval of those who wait for an accueil, by Monday to the end of observation."""
        frame = self.whole[
            (self.whole["indicator"] == "backlog")
            & (self.whole["stage"] == "accueil")
            & (self.whole["public"] == ALL)
            & (self.whole["period"] != ALL)
            & (self.whole["operator"] == operator)
            & (self.whole["scenario"] == scenario)
        ]
        window = self._window
        mondays = [(window.launch + timedelta(seconds=s)).isoformat() for s in window.mondays.tolist()]
        # no row where nobody waits
        return frame.set_index("period")[["mean", "low", "high"]].reindex(mondays, fill_value=0.0)

    def within_horizon(self, waiting: pd.DataFrame) -> pd.DataFrame:
        """The Mondays of the years counted alone."""
        return waiting[waiting.index < self.horizon_end().isoformat()]

    def backlog_caption(self, drawn: str = "") -> Caption:
        """It reads aloud the longest queue of the last scenario, within the horizon."""
        scenario = self.scenarios[-1].name
        worst = self.within_horizon(self.waiting(OPERATOR, scenario))["mean"]
        peak = float(worst.max())
        return self.caption(
            "backlog",
            drawn,
            scenario=self.title_of(scenario),
            waiting=format_number(peak, self.language),
            when=day(date.fromisoformat(str(worst.idxmax())), self.language) if peak else "",
        )

    @property
    def _window(self) -> Window:
        return self.results.measured[self.scenarios[-1].name][0].counts.window
