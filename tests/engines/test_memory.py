"""The compiled loop keeps to its arrays."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
EXAMPLES = "1000" if os.environ.get("CEPSIM_LONG") else "40"


def interpreted(*arguments):
    paths = os.pathsep.join([str(HERE.parent), str(HERE.parent.parent)])
    return subprocess.run(
        [sys.executable, str(HERE / "interpreted.py"), *arguments],
        env={**os.environ, "PYTHONPATH": paths, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("how", [(), ("little",)], ids=["with room", "with little room"])
def test_the_loop_reads_and_writes_inside_its_arrays_alone(how):
    done = interpreted(EXAMPLES, *how)
    assert done.returncode == 0, done.stderr[-4000:]


def test_a_loop_that_does_not_look_for_room_is_seen_to_leave_its_arrays():
    done = interpreted("5", "unguarded")
    assert done.returncode != 0
    assert "IndexError" in done.stderr
