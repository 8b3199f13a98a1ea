"""The shards of a deployment: platforms that serve several regions first, then each region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cepsim.network.shards import Shard, restricted, shards_of
from cepsim.people.deployment import Deployment
from cepsim.scenario.vocabulary import OPERATORS
from cepsim.trace import Ints


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A shard of a deployment, as a deployment in which its teams alone have staff.

    `is_home` says that the people of its regions are counted here: nothing comes after it for them.
    """

    shard: Shard
    deployment: Deployment
    is_home: bool

    @property
    def name(self) -> str:
        """The name of the shard: a region's code, or that of a team of several regions."""
        return self.shard.name

    @property
    def regions(self) -> tuple[str, ...]:
        """Codes of the regions whose people are counted here."""
        return tuple(self.deployment.regions[lane] for lane in self.shard.lanes) if self.is_home else ()

    @property
    def expected_people(self) -> float:
        """People who may come to it between warm-up and follow-up, about; for sharing out the work."""
        horizon = self.deployment.horizon
        years = horizon.years + horizon.follow_up_years + horizon.warm_up_years
        here = [s for s in self.deployment.sources if s.region in self.shard.lanes]
        # a platform sees a part of the people of its regions, for one contact
        part = 1.0 if self.is_home else 0.25
        if not self.is_home and self.deployment.scenario.staff.shared_platform != "none":
            part, here = 1.0, [s for s in here if s.channel == "telephone"]
        return years * sum(s.stock * s.rate for s in here) * part / self.deployment.sample


def parts_of(deployment: Deployment) -> list[Part]:
    """The parts of a deployment in an order in which they can be run.

    Where they are not platforms followed by one part a region, everything is one part.
    """
    network = deployment.network
    shards = shards_of(network, [network.station_names.index(f"{name}.accueil") for name in OPERATORS])
    alone = [len(shard.lanes) == 1 for shard in shards]
    regions = len(deployment.regions)
    if sorted(alone) != alone or alone.count(True) != regions:
        lanes = tuple(range(regions))
        queues, teams = np.ones(network.queue_count, bool), np.ones(network.team_count, bool)
        return [Part(Shard("+".join(deployment.regions), queues, teams, lanes), deployment, is_home=True)]
    return [
        Part(shard, _restricted(deployment, shard), is_home=is_home)
        for shard, is_home in zip(shards, alone, strict=True)
    ]


def before(parts: Sequence[Part], rank: int) -> list[int]:
    """Ranks of the parts whose people the part of a rank goes on with: the platforms of its regions."""
    if not parts[rank].is_home:
        return []
    lanes = set(parts[rank].shard.lanes)
    return [n for n, part in enumerate(parts) if not part.is_home and not lanes.isdisjoint(part.shard.lanes)]


def _restricted(deployment: Deployment, shard: Shard) -> Deployment:
    """A deployment where only a shard has staff; sessions stay, since who is called to one is a draw."""
    staff = deployment.staff

    def of_teams(whole: Ints | None) -> Ints | None:
        return None if whole is None else whole * shard.teams[:, None]

    return replace(
        deployment,
        network=restricted(deployment.network, shard),
        staff=staff[shard.teams[staff["team"].to_numpy(dtype=np.int64)]],
        whole_duty=of_teams(deployment.whole_duty),
        shift_s=of_teams(deployment.shift_s),
        sources=tuple(source for source in deployment.sources if source.region in shard.lanes),
    )
