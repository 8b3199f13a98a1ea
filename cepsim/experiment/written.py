"""Frames as files in a folder, which is there whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pandas as pd


def write_folder(
    folder: Path, frames: Mapping[str, pd.DataFrame], manifest: Mapping[str, object]
) -> list[Path]:
    """Write each frame as CSV and Parquet under its name, and `manifest.json`: the whole folder or nothing.

    A folder of the same name is replaced once the new one is complete. Returns the files written.
    """
    partial = folder.with_name(folder.name + ".partial")
    if partial.exists():
        shutil.rmtree(partial)
    partial.mkdir(parents=True)
    for name, frame in frames.items():
        frame.to_csv(partial / f"{name}.csv", index=False)
        frame.to_parquet(partial / f"{name}.parquet", index=False)
    text = json.dumps(manifest, indent=2, ensure_ascii=False)
    (partial / "manifest.json").write_text(text + "\n", encoding="utf-8")
    if folder.exists():
        shutil.rmtree(folder)
    partial.rename(folder)
    return sorted(folder.iterdir())
