"""Frames come back from a folder as they went in."""

import io
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from cepsim.experiment.written import parquet_frame, replaced, write_folder

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


def test_what_other_commands_added_to_the_same_results_stays_and_goes_with_others(tmp_path):
    folder = tmp_path / "run"
    write_folder(folder, {"costs": FRAME}, {"cepsim": "1", "seed": 1})
    (folder / "note").mkdir()
    (folder / "note" / "note.md").write_text("a note")
    written = write_folder(folder, {"costs": FRAME}, {"cepsim": "1", "seed": 1})
    assert [path.name for path in written] == ["costs.csv", "costs.parquet", "manifest.json"]
    assert (folder / "note" / "note.md").read_text() == "a note"
    write_folder(folder, {"costs": FRAME}, {"cepsim": "1", "seed": 2})
    assert sorted(path.name for path in folder.iterdir()) == ["costs.csv", "costs.parquet", "manifest.json"]
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_an_error_while_writing_leaves_what_was_there(tmp_path):
    folder = tmp_path / "run"
    write_folder(folder, {"costs": FRAME}, {"cepsim": "1"})

    with pytest.raises(LookupError), replaced(folder) as partial:
        (partial / "half").write_text("half")
        raise LookupError
    assert (folder / "manifest.json").is_file()
    with replaced(folder) as partial:
        (partial / "whole").write_text("whole")
    assert [path.name for path in folder.iterdir()] == ["whole"]
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
