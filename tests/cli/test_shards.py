"""`cepsim scenarios shards`: the parts of a run, what holds each together and what each waits for."""

import json

import numpy as np
import pytest
from worlds import deployed

from cepsim.cli.shards import described_parts
from cepsim.network.shards import Shard
from cepsim.people.shards import Part, parts_of

PLATFORM = "pole_emploi.first_line.telephone.national"


@pytest.fixture(scope="module")
def where():
    """Two regions of one national platform, and one overseas."""
    return deployed("central", regions=("74", "94", "01"))


def test_parts_share_out_queues_and_teams_and_wait_for_their_platform_alone(where):
    found = {part["name"]: part for part in described_parts(parts_of(where))}
    assert list(found) == [PLATFORM, "74", "94", "01"]
    assert [part["waits_for"] for part in found.values()] == [[], [PLATFORM], [PLATFORM], []]
    assert [part["why"] for part in found.values()] == ["team", "region", "region", "region"]
    assert found[PLATFORM]["shared_teams"] == found[PLATFORM]["teams"] == [PLATFORM]
    assert found[PLATFORM]["regions"] == ["74", "94"]
    teams = [team for part in found.values() for team in part["teams"]]
    assert sorted(teams) == sorted(where.network.team_names)
    assert sum(part["queues"] for part in found.values()) == int((where.network.queues.team >= 0).sum())
    assert all(part["expected_people"] > 0 for part in found.values())


@pytest.mark.parametrize(("regions", "why"), [(("74", "94"), "team"), (("94", "01"), "way_back")])
def test_regions_in_one_part_say_whether_a_team_or_a_way_back_holds_them(regions, why):
    where = deployed("central", regions=regions)
    queues, teams = np.ones(where.network.queue_count, bool), np.ones(where.network.team_count, bool)
    (part,) = described_parts([Part(Shard("+".join(regions), queues, teams, (0, 1)), where, is_home=True)])
    assert (part["why"], bool(part["shared_teams"])) == (why, why == "team")


def test_the_table_names_the_regions_and_what_is_waited_for(call):
    outcome = call("scenarios", "shards", "central", "--region", "Corse,74")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("Parts du scénario « central » : 3, dans un ordre où elles peuvent être")
    assert "2 régions : Limousin (74), Corse (94)" in outcome.out
    assert "une équipe y sert plusieurs régions" in outcome.out
    line = next(line for line in outcome.out.splitlines() if line.startswith("94 "))
    assert line.split()[-1] == PLATFORM
    assert "toutes les files d'une région" in line


def test_json_holds_every_part_and_nothing_else(call):
    outcome = call("scenarios", "shards", "central", "--region", "94", "--json")
    document = json.loads(outcome.out)
    assert document["scenario"] == "central"
    (part,) = document["shards"]
    assert (part["name"], part["regions"], part["waits_for"]) == ("94", ["94"], [])


def test_an_unknown_region_is_refused(call):
    outcome = call("scenarios", "shards", "central", "--region", "bretange")
    assert (outcome.code, outcome.out) == (3, "")
    assert "Vouliez-vous dire" in outcome.err
