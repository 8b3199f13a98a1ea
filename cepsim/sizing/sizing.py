"""How many advisers, where: the least-cost posts found that meet norms of delay, region by region.

Regions are sized one after the other: nothing that an adviser does in one changes what happens in another
(see `people.shards`). In each, `sizing.search` asks `sizing.world`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

from cepsim.errors import UsageError
from cepsim.experiment.deployments import deployed
from cepsim.experiment.pipeline import Draws, Setting
from cepsim.experiment.plan import Plan, plan
from cepsim.experiment.runner import available_cores
from cepsim.labels import LANGUAGES, label
from cepsim.people.deployment import Deployment
from cepsim.people.loads import offered_loads
from cepsim.people.population_tape import draw_entrants
from cepsim.scenario import Scenario
from cepsim.scenario.vocabulary import OPERATORS, Operator
from cepsim.sizing.claims import Claim
from cepsim.sizing.norm import Norm
from cepsim.sizing.posts import Post, Sized, posts_of, staffed
from cepsim.sizing.search import Found, Vector, cheaper, least, size_of
from cepsim.sizing.world import World, started
from cepsim.tables import Tables

#: Cheaper vectors that brute force tries in a region, at most, and vectors among which it looks for them.
MOST_TRIED: Final = 1_000
_MOST_LISTED: Final = 1_000_000
_LEAST_CONFIDENCE: Final = 0.5

#: Called each time that more is known: the region, and how many vectors have been tried there.
Tell = Callable[[str, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """What is asked of a plan's last scenario: norms, since when, how surely, and how posts may change.

    `since` is the first quarter of the horizon held to the norms. `by_year`: each year has its own posts.
    `also` are shares that the same norms are sized at beside their own.
    """

    plan: Plan
    norms: tuple[Norm, ...]
    since: int
    confidence: float = 0.95
    by_year: bool = False
    brute_force: bool = False
    also: tuple[float, ...] = ()

    @property
    def levels(self) -> tuple[tuple[Norm, ...], ...]:
        """The norms at their own shares, then at each of the others."""
        others = (tuple(replace(norm, share=share) for norm in self.norms) for share in self.also)
        return (self.norms, *others)

    @property
    def scenario(self) -> Scenario:
        """The scenario that is sized."""
        return self.plan.place(self.plan.asked[0])[0]

    @property
    def operators(self) -> tuple[Operator, ...]:
        """The operators that some norm is about."""
        return tuple(name for name in OPERATORS if any(norm.concerns(name) for norm in self.norms))

    @property
    def from_date(self) -> date:
        """The first day on which whoever joins is held to the norms."""
        horizon = self.where.horizon
        return horizon.date_of(horizon.cohort_bounds[self.since])

    @property
    def where(self) -> Deployment:
        """The scenario compiled."""
        return deployed(self.scenario, self.plan.tables, self.plan.regions)


@dataclass(frozen=True, slots=True, eq=False)
class RegionSized:
    """What was found in a part of the country: a region, or several that cannot be run apart.

    `claims` are those of what was found, `before` of the scenario's own posts, `beyond` those of each
    neighbour one step below, by its place; `onward` and `onward_before` what happens where no norm is.
    `is_global`: every cheaper vector was tried. `runs` vectors were.
    """

    name: str
    sized: Sized
    found: Found
    claims: tuple[Claim, ...]
    before: tuple[Claim, ...]
    beyond: Mapping[int, tuple[Claim, ...]]
    onward: tuple[Claim, ...]
    onward_before: tuple[Claim, ...]
    is_global: bool
    runs: int

    @property
    def is_met(self) -> bool:
        """Whether every claim is met."""
        return not self.found.short

    @property
    def extra(self) -> dict[Post, int]:
        """Tenths of a post added to each of the scenario's."""
        return dict(zip(self.sized.posts, self.found.vector, strict=True))


def wanted(
    planned: Plan,
    norms: str | Norm | Sequence[str | Norm],
    *,
    since: date | None = None,
    confidence: float = 0.95,
    by_year: bool = False,
    brute_force: bool = False,
    also: Sequence[float] = (),
) -> Wanted:
    """Check what is asked before anything is run. Raises UsageError."""
    said = [norms] if isinstance(norms, str | Norm) else norms
    read = tuple(dict.fromkeys(Norm.parse(one) if isinstance(one, str) else one for one in said))
    if not read:
        raise UsageError("found no norm, expected at least one")
    if len(planned.asked) != 1:
        raise UsageError(f"sizing: found {len(planned.asked)} scenarios, expected one")
    scenario = planned.place(planned.asked[0])[0]
    if scenario.staff.closures:
        raise UsageError(f"sizing: {scenario.name} closes operators, expected no staff.closures")
    if planned.sample != 1:
        raise UsageError("sizing: found a sample, expected everybody: small teams follow peaks less well")
    if not _LEAST_CONFIDENCE < confidence < 1.0:
        raise UsageError(f"confidence: found {confidence:g}, expected more than 0.5 and less than 1")
    for norm in read:
        alone = norm.stage != "accueil" and not all(
            any(other.stage == "accueil" and other.concerns(name) for other in read)
            for name in OPERATORS
            if norm.concerns(name)
        )
        if alone:
            raise UsageError(
                f'norm: found "{norm.said}" without one on the accueil, expected both: with too few advisers '
                "nobody comes as far"
            )
    for share in also:
        if not 0.0 < share < 1.0:
            raise UsageError(f"share: found {share:g}, expected more than 0 and less than 1")
    horizon = deployed(scenario, planned.tables, planned.regions).horizon
    first = since if since is not None else horizon.anniversary(1)
    last = horizon.date_of(horizon.end)
    if not horizon.launch <= first < last:
        raise UsageError(f"from: found {first}, expected a day from {horizon.launch} on and before {last}")
    bounds = horizon.cohort_bounds[:-1]
    quarter = next((n for n, bound in enumerate(bounds) if horizon.date_of(bound) >= first), None)
    if quarter is None:
        begins = horizon.date_of(bounds[-1])
        raise UsageError(f"from: found {first}, expected the first day of a quarter, {begins} at the latest")
    return Wanted(planned, read, quarter, confidence, by_year, brute_force, tuple(also))


def size_regions(
    of: Wanted, *, workers: int | None = None, tell: Tell = lambda _region, _runs: None
) -> Iterator[list[RegionSized]]:
    """Size each part of a plan, one after the other, at each of the levels asked for.

    `workers` replications are run at once. Levels share people and day one; each begins where the nearest
    one before it ended.
    """
    with ThreadPoolExecutor(workers or available_cores()) as executor:
        for world in worlds(of, executor):
            found: list[RegionSized] = []
            for norms in of.levels:
                at_level = replace(world, norms=norms, known={}, glanced={})
                at_level.tell = partial(_tell, tell, at_level)
                found.append(_one(of, at_level, found[-1].found.vector if found else world.sized.start))
            yield found


def worlds(of: Wanted, executor: Executor) -> Iterator[World]:
    """Each part of a plan under any staff; what no staff changes is run once, here."""
    setting = Setting.of(of.scenario, of.plan.tables, of.plan.regions)
    draws = [Draws(of.plan.seed, number, of.plan.engine) for number in range(of.plan.replications)]
    where = of.where
    for rank, part in enumerate(setting.parts):
        if not part.is_home:
            continue
        starts = list(executor.map(partial(started, setting, rank), draws))
        groups = [
            draw_entrants(where, seed=of.plan.seed, replication=0, regions=[lane])
            for lane in part.shard.lanes
        ]
        posts = [
            post
            for region in part.regions
            for post in posts_of(of.operators, region, where.horizon.years, by_year=of.by_year)
        ]
        sized = Sized.of(where, offered_loads(where, groups), posts)
        yield World(of.plan, of.scenario, part, sized, of.norms, of.since, of.confidence, starts, executor)


def _tell(tell: Tell, world: World) -> None:
    tell(world.part.name, world.runs)


def _one(of: Wanted, world: World, start: Vector) -> RegionSized:
    """Size one part, the search beginning somewhere."""
    held_from = of.since * of.where.horizon.years // (len(of.where.horizon.cohort_bounds) - 1)
    box = world.sized.box(held_from)
    nothing: Vector = (0,) * len(world.sized.posts)
    before = tuple(world.claims(nothing))
    answerable = frozenset(n for n, post in enumerate(world.sized.posts) if post.last >= held_from)
    teams = [(post.operator, post.region) for post in world.sized.posts]
    found = least(
        world.short,
        start,
        box,
        answerable,
        groups=[teams.index(team) for team in teams],
        quick=world.nearly_short,
    )
    is_global = False
    if of.brute_force and not found.short and size_of(box) <= _MOST_LISTED:
        tried = list(islice(cheaper(box, found.vector), MOST_TRIED + 1))
        if len(tried) <= MOST_TRIED:
            is_global = True
            better = next((vector for vector in tried if not world.short(vector)), None)
            if better is not None:
                found = least(world.short, better, box, frozenset())
    return RegionSized(
        name=world.part.name,
        sized=world.sized,
        found=found,
        claims=tuple(world.claims(found.vector)),
        before=before,
        beyond={number: tuple(world.claims(_below(found.vector, number))) for number in found.neighbours},
        onward=tuple(world.onward(found.vector)) if world.norms == of.norms else (),
        onward_before=tuple(world.onward(nothing)) if world.norms == of.norms else (),
        is_global=is_global,
        runs=world.runs,
    )


def _below(vector: Vector, number: int) -> Vector:
    return tuple(value - (n == number) for n, value in enumerate(vector))


def sized_scenario(of: Wanted, regions: Sequence[RegionSized], name: str) -> Scenario:
    """The scenario with the posts found: `cepsim run` gives with it what was certified."""
    extra: dict[Post, int] = {}
    for region in regions:
        extra |= region.extra
    titles: dict[str, str] = {
        language: label("sizing.title", language, title=getattr(of.scenario.title, language))
        for language in LANGUAGES
    }
    reason = "cepsim size: " + " ; ".join(norm.said for norm in of.norms)
    return staffed(
        of.scenario, of.where, extra, tables=of.plan.tables, reason=reason, name=name, title=titles
    )


def planned_for(
    scenario: str | Path | Scenario,
    *,
    regions: Sequence[str],
    replications: int = 5,
    seed: int = 1,
    years: int | None = None,
    tables: Tables | None = None,
) -> Plan:
    """The plan of a scenario to size. Raises what `experiment.plan` raises."""
    return plan([scenario], regions=regions, replications=replications, seed=seed, years=years, tables=tables)
