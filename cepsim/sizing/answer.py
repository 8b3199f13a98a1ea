"""What a sizing answers: tidy frames, the scenario with its posts, and a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import pandas as pd

import cepsim
from cepsim.experiment.written import write_folder
from cepsim.indicators import Window
from cepsim.scenario import Scenario
from cepsim.sizing.claims import Claim
from cepsim.sizing.norm import Norm
from cepsim.sizing.posts import STEPS, Post, begins, hire_by
from cepsim.sizing.sizing import (
    RegionSized,
    Tell,
    Wanted,
    planned_for,
    size_regions,
    sized_scenario,
    wanted,
)
from cepsim.sizing.wording import answer
from cepsim.tables import Tables


@dataclass(frozen=True, eq=False)
class Sizing:
    """A finished sizing: what was asked, what was found region by region, and the scenario that says it.

    `others` are what was found at each other level asked for.
    """

    asked: Wanted
    regions: tuple[RegionSized, ...]
    scenario: Scenario
    others: tuple[tuple[RegionSized, ...], ...] = ()

    def __repr__(self) -> str:
        """The answer in a sentence."""
        return answer(self)

    @property
    def is_met(self) -> bool:
        """Whether every norm is met everywhere with the posts found."""
        return all(region.is_met for region in self.regions)

    @property
    def is_global(self) -> bool:
        """Whether every cheaper staff was tried."""
        return self.is_met and all(region.is_global for region in self.regions)

    @cached_property
    def posts(self) -> pd.DataFrame:
        """A row an operator and region, and a year where each has its own posts.

        region, operator, from_date, character; etp_today, etp_scenario, etp_sized (means over the years of
        the row), delta (sized less scenario); cost and delta_cost in euros a year; norm, quarter, share, low,
        high, slack, days: the claim with the least slack; share_scenario: the same one with the scenario's
        own posts; verdict of all claims, and reach: how far from the share the bounds are; hire_by (empty
        where nobody comes); below, below_reach: the same of the claim missed most with a tenth of a post
        less ("" where there is none to take).
        """
        return pd.DataFrame([self._row(of, n) for of in self.regions for n in range(len(of.sized.posts))])

    @cached_property
    def levels(self) -> pd.DataFrame:
        """A row a level of service, region and operator (and year): what each level takes.

        required (the share; empty for norms of several shares), then as `posts`. Without other levels, none.
        """
        rows = []
        for norms, regions in zip(self.asked.levels, (self.regions, *self.others), strict=False):
            shares = {norm.share for norm in norms}
            share = shares.pop() if len(shares) == 1 else float("nan")
            rows += [
                {"required": share, **self._row(of, number)}
                for of in (regions if self.others else ())
                for number in range(len(of.sized.posts))
            ]
        return pd.DataFrame(rows)

    @cached_property
    def claims(self) -> pd.DataFrame:
        """A row a norm, operator, region and quarter, for the posts found and for the scenario's own.

        posts ("sized", "scenario"), norm, stage, operator, region, quarter; asked (people, a mean), share,
        low, high (one-sided bounds), required, days (within which the required share was offered an
        appointment), verdict, reach (how far from the share the bounds are: undecided within that much).
        """
        return pd.DataFrame(
            [
                {"posts": posts, **self._told(claim)}
                for of in self.regions
                for posts, claims in (("sized", of.claims), ("scenario", of.before))
                for claim in claims
            ]
        )

    @cached_property
    def neighbours(self) -> pd.DataFrame:
        """What is not met with a tenth of a post less: the claim that is missed most, a row a neighbour.

        team, team_region, from_date: whose post is taken away; then as `claims`.
        """
        rows = []
        for of in self.regions:
            for number, claims in of.beyond.items():
                post, worst = of.sized.posts[number], min(claims, key=lambda claim: claim.slack)
                of_team = {"team": post.operator, "team_region": post.region, "from_date": self._begins(post)}
                rows.append({**of_team, **self._told(worst)})
        return pd.DataFrame(rows)

    @cached_property
    def onward(self) -> pd.DataFrame:
        """What happens where no norm is, as `claims` without a requirement: stages after, other operators.

        `share` is within the days of the first norm, `days` those in which its share was offered one.
        """
        untold = ("norm", "required", "verdict", "reach")
        rows = [
            {
                "posts": posts,
                "within": claim.norm.days,
                **{key: value for key, value in self._told(claim).items() if key not in untold},
            }
            for of in self.regions
            for posts, claims in (("sized", of.onward), ("scenario", of.onward_before))
            for claim in claims
        ]
        return pd.DataFrame(rows)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Every tidy frame by name; those without a row are left out."""
        named = {
            "sizing": self.posts,
            "claims": self.claims,
            "neighbours": self.neighbours,
            "onward": self.onward,
            "levels": self.levels,
        }
        return {name: frame for name, frame in named.items() if len(frame)}

    def manifest(self) -> dict[str, object]:
        """All that determines the answer, and the answer."""
        of = self.asked
        return {
            "cepsim": cepsim.__version__,
            "sizing": {
                "norms": [norm.said for norm in of.norms],
                "from": of.from_date.isoformat(),
                "confidence": of.confidence,
                "by_year": of.by_year,
                "met": self.is_met,
                "least_of_all": self.is_global,
                "vectors_tried": {region.name: region.runs for region in self.regions},
                "answer": answer(self),
            },
            **of.plan.manifest((of.scenario, self.scenario)),
        }

    def write(self, folder: Path) -> list[Path]:
        """Write every frame as CSV and Parquet, and the manifest: the whole folder or nothing."""
        return write_folder(folder, self.frames(), self.manifest())

    def _row(self, of: RegionSized, number: int) -> dict[str, object]:
        post, given = of.sized.posts[number], of.sized.given[number]
        extra = of.found.vector[number] / STEPS
        price = of.sized.price[number]
        own = [claim for claim in of.claims if concerns(post, claim)]
        worst = min(own, key=lambda claim: claim.slack, default=None)
        same = [
            c
            for c in of.before
            if worst and (c.norm, c.cohort) == (worst.norm, worst.cohort) and concerns(post, c)
        ]
        told = self._told(worst) if worst else {}
        beyond = of.beyond.get(number, ())
        claim = {key: told.get(key) for key in ("norm", "quarter", "share", "low", "high", "days")}
        return {
            "region": post.region,
            "operator": post.operator,
            "from_date": self._begins(post),
            "character": post.character,
            "etp_today": of.sized.today[number],
            "etp_scenario": given,
            "etp_sized": given + extra,
            "delta": extra,
            "cost": (given + extra) * price,
            "delta_cost": extra * price,
            **claim,
            "slack": worst.slack if worst else None,
            "share_scenario": same[0].share if same else None,
            "verdict": verdict_of(own),
            "reach": worst.reach if worst else float("nan"),
            "hire_by": hire_by(self.asked.where, post).isoformat() if self._comes(of, number) else "",
            "below": verdict_of(beyond),
            "below_reach": min(beyond, key=lambda claim: claim.slack).reach if beyond else float("nan"),
        }

    def _comes(self, of: RegionSized, number: int) -> bool:
        """Whether somebody comes on these posts, beside those that the scenario gives."""
        post, before = of.sized.posts[number], 0
        for other, steps in zip(of.sized.posts, of.found.vector, strict=True):
            if (other.operator, other.region) == (post.operator, post.region) and other.last < post.first:
                before = steps
        return of.found.vector[number] > max(before, 0)

    def _begins(self, post: Post) -> str:
        return begins(self.asked.where, post).isoformat()

    def _told(self, claim: Claim) -> dict[str, object]:
        where = self.asked.where
        return {
            "norm": claim.norm.said,
            "stage": claim.norm.stage,
            "operator": claim.operator,
            "region": claim.region,
            "quarter": Window.of(where, where.horizon.observed).label(claim.cohort),
            "asked": claim.asked,
            "share": claim.share,
            "low": claim.low,
            "high": claim.high,
            "required": claim.norm.share,
            "days": claim.days,
            "verdict": claim.verdict,
            "reach": claim.reach,
        }


def concerns(post: Post, claim: Claim) -> bool:
    """Whether posts answer for a claim: those of its operator, in its region and year."""
    here = (post.operator, post.region) == (claim.operator, claim.region)
    return here and post.first <= claim.year <= post.last


def verdict_of(claims: Sequence[Claim]) -> str:
    """Missed where one claim is, else undecided where one is; "" where there is none."""
    found = {claim.verdict for claim in claims}
    return next((verdict for verdict in ("missed", "undecided", "met") if verdict in found), "")


def size(
    scenario: str | Path | Scenario,
    norms: str | Norm | Sequence[str | Norm],
    *,
    regions: Sequence[str],
    since: date | None = None,
    confidence: float = 0.95,
    by_year: bool = False,
    brute_force: bool = False,
    also: Sequence[float] = (),
    replications: int = 5,
    seed: int = 1,
    years: int | None = None,
    workers: int | None = None,
    tables: Tables | None = None,
    name: str | None = None,
    tell: Tell = lambda _region, _runs: None,
) -> Sizing:
    """How many advisers it takes, where, for norms of delay to hold: the least-cost posts found.

    Norms are said as "opacif accueil: 90 % <= 10 j ouvrés". They hold for those who join in each quarter from
    `since` on (by default a year after launch), at `confidence` one-sided. The answer's `scenario`, called
    `name`, has the posts found. `also` are other shares at which the same norms are sized. Raises UsageError,
    ScenarioError, TableError or RegionError before anything is run.

        cepsim.size("central", "accueil: 90 % <= 10 j ouvrés", regions=["94"], years=2, replications=2)
    """
    planned = planned_for(
        scenario, regions=regions, replications=replications, seed=seed, years=years, tables=tables
    )
    asked = wanted(
        planned,
        norms,
        since=since,
        confidence=confidence,
        by_year=by_year,
        brute_force=brute_force,
        also=also,
    )
    return sized(asked, name=name, workers=workers, tell=tell)


def sized(
    asked: Wanted,
    *,
    name: str | None = None,
    workers: int | None = None,
    tell: Tell = lambda _region, _runs: None,
) -> Sizing:
    """Size what is asked. Raises ScenarioError where no scenario may be called `name`, before any run."""
    called = name if name is not None else f"{asked.scenario.name}-dimensionne"
    sized_scenario(asked, [], called)
    # by region, then by level: turned round
    found, *others = zip(*size_regions(asked, workers=workers, tell=tell), strict=True)
    return Sizing(asked, found, sized_scenario(asked, found, called), tuple(others))
