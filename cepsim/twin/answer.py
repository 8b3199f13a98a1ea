"""What is estimated of a scenario, in frames and in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cepsim.experiment.plan import Plan
from cepsim.experiment.sentence import places
from cepsim.labels import Language, label
from cepsim.scenario import Scenario
from cepsim.units import format_number, format_share


@dataclass(frozen=True, eq=False, repr=False)
class Estimate:
    """What is estimated of a scenario, in tidy frames.

    `stages`: a row a region, operator, stage and period ("" for the horizon, or a quarter): who joins
    (entered), delay offered in working days (wait_p50, wait_p90; NaN beyond observation), share_gave_up,
    share_no_show, share_lost, load (of those who are served last with them) and regime ("calm", "critical",
    "overload", or "first_line"). `months`: a row a region, team, operator and month: people joined, served,
    lost, waiting at its end; hours_needed, hours_usable, load. `balance`: by region, people who came, were
    there before, left and are there still.
    """

    planned: Plan
    scenario: Scenario
    stages: pd.DataFrame
    months: pd.DataFrame
    balance: pd.DataFrame

    def __repr__(self) -> str:
        """The answer in a sentence."""
        return self.sentence("fr")

    @property
    def regions(self) -> Mapping[str, str]:
        """The name of each region estimated, by code."""
        names = self.planned.tables.region_names
        return {code: names[code] for code in self.planned.regions}

    def sentence(self, language: Language = "fr") -> str:
        """The longest delay of an accueil over the horizon, who is lost there; that it is an estimate."""
        of = self.stages[(self.stages["stage"] == "accueil") & (self.stages["period"] == "")]
        of = of[of["entered"] >= 1.0]
        if of.empty:
            return label("estimate.nobody", language, places=places(self.planned, language))
        worst = of.iloc[int(np.argmax(of["wait_p50"].fillna(np.inf)))]
        known = not np.isnan(worst["wait_p50"])
        return label(
            f"estimate.{'sentence' if known else 'beyond'}",
            language,
            title=getattr(self.scenario.title, language),
            region=self.regions[worst["region"]],
            operator=label(f"operator.{worst['operator']}", language),
            days=format_number(float(worst["wait_p50"]), language) if known else "",
            lost=format_share(float(worst["share_lost"]), language, 0),
            load=format_share(float(worst["load"]), language, 0),
        )

    def frames(self) -> dict[str, pd.DataFrame]:
        """Every frame by name."""
        return {"stages": self.stages, "months": self.months, "balance": self.balance}
