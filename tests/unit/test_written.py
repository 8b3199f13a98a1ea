"""Frames come back from a folder as they went in."""

import io
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from cepsim.experiment.written import parquet_frame

FRAME = pd.DataFrame(
    {
        "operator": ["opacif", "apec", "pole_emploi"],
        "role": pd.Categorical(["full", "full", "informs"]),
        "year": np.array([2015, 2016, 2017], np.int64),
        "share": [0.25, np.nan, 1.0],
        "note": ["« à l'été »", None, ""],
        "held": [True, False, True],
    }
)


def as_bytes(frame: pd.DataFrame) -> bytes:
    kept = io.BytesIO()
    frame.to_parquet(kept, index=False)
    return kept.getvalue()


@pytest.mark.parametrize("frame", [FRAME, FRAME.iloc[:0]], ids=["rows", "no_row"])
def test_a_frame_is_read_with_the_types_that_pandas_reads(frame):
    raw = as_bytes(frame)
    pd.testing.assert_frame_equal(parquet_frame(raw), pd.read_parquet(io.BytesIO(raw)))


def test_reading_leaves_no_thread_behind(tmp_path):
    file = tmp_path / "frame.parquet"
    file.write_bytes(as_bytes(FRAME))
    code = (
        "import sys, pathlib; from cepsim.experiment.written import parquet_frame\n"
        "def threads(): return len(list(pathlib.Path('/proc/self/task').iterdir()))\n"
        "before = threads(); parquet_frame(pathlib.Path(sys.argv[1]).read_bytes()); print(threads() - before)"
    )
    if not sys.platform.startswith("linux"):
        pytest.skip("threads are counted in /proc")
    told = subprocess.run([sys.executable, "-c", code, file], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["0"]
