"""`cepsim estimate`: an estimate, which says so, in the user's language."""

import json


def test_an_estimate_says_that_it_is_one_and_gives_its_frames(call):
    result = call("estimate", "central", "--region", "94", "--years", "1", "--json")
    assert result.code == 0
    told = json.loads(result.out)
    assert told["is_estimate"] is True
    assert set(told["frames"]) == {"stages", "months", "balance"}


def test_beside_a_run_regions_are_those_of_the_run(call):
    result = call("estimate", "central", "--region", "94", "--against", "anything")
    assert result.code == 2
    assert "--against" in result.err
