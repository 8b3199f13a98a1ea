"""A finished run, as commands that read its results find it: by its folder, or by its name in `reports`."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from cepsim.cli.outlet import holds_a_run
from cepsim.cli.settings import Settings
from cepsim.cli.simulating import REPORTS
from cepsim.errors import InputError, nearest

if TYPE_CHECKING:
    import pandas as pd


#: What manifests of other folders have and that of a run has not, and what these folders are.
_COMPARISON: Final = "comparison"
_OTHERS: Final = {
    "sizing": "the folder of a sizing, {}",
    "budget": "the folder of a sizing, {}",
    "sensitivity": "the folder of a sensitivity study, {}",
    "files": "a folder of published tables, {}",
}
#: Folders that commands write in that of a run.
_PARTS: Final = ("backtest", "dossier", "figures", "note", "report", "trace")


@dataclass(frozen=True, slots=True, eq=False)
class FinishedRun:
    """A frame of a run, not checked yet, its file, and the titles of the run's scenarios by name."""

    folder: Path
    titles: dict[str, str]
    frame: "pd.DataFrame"
    file: Path


def run_argument(settings: Settings) -> Any:
    """The run whose results are read."""
    return typer.Argument(
        metavar=settings.text("metavar.run"),
        help=settings.text("help.finished_run"),
        autocompletion=complete_run,
    )


def read_run(settings: Settings, name: str, frame: str) -> FinishedRun:
    """One of the frames of the run called so. Raises InputError where it is not what a run wrote."""
    from cepsim.experiment.written import MANIFEST, read_frame, read_manifest
    from cepsim.report import titles_of

    folder = run_folder(name)
    manifest = read_manifest(folder)
    titles = titles_of(manifest, folder / MANIFEST, settings.language)
    return FinishedRun(folder, titles, *read_frame(folder, frame))


def frame_if_there(folder: Path, frame: str) -> "tuple[pd.DataFrame, Path] | None":
    """A frame of a folder of results and its file; None where the folder holds none of this name."""
    from cepsim.experiment.written import read_frame

    return read_frame(folder, frame) if has_frame(folder, frame) else None


def has_frame(folder: Path, frame: str) -> bool:
    """Whether a folder of results holds a frame of this name."""
    return any((folder / f"{frame}{ending}").is_file() for ending in (".parquet", ".csv"))


def sample_of(frame: "pd.DataFrame") -> int:
    """One person in so many was simulated: what a sound frame of a run says."""
    return int(frame["sample"].iloc[0]) if "sample" in frame else 1


def run_folder(name: str) -> Path:
    """The folder called so, or that of the run of this name in `reports`; a run comes first.

    Whether it holds one remains to be seen. Raises InputError, with the nearest run, if there is no folder,
    and where the folder is known to be something else.
    """
    places = (Path(name), REPORTS / name) if name else ()
    folders = [place for place in places if _is_folder(place)]
    if folders:
        folder = next((place for place in folders if holds_a_run(place)), folders[0])
        _refuse_another(folder)
        return folder
    beside = Path(name).parent
    known = runs_in(REPORTS if beside == Path() else beside)
    raise InputError(
        file="RUN",
        found=name,
        expected=f'the folder of a run, or its name in "{REPORTS}"',
        remedy=nearest(name, known if beside == Path() else [str(beside / run) for run in known]),
    )


def runs_in(folder: Path) -> list[str]:
    """Names of the folders of a folder that hold what a run wrote, in alphabetical order."""
    if not _is_folder(folder):
        return []
    return sorted(path.parent.name for path in folder.glob("*/manifest.json") if _is_of_a_run(path.parent))


def _is_of_a_run(folder: Path) -> bool:
    """Whether a folder is that of a run, and of no comparison, sizing, study or publication."""
    from cepsim.experiment.written import read_manifest

    if not holds_a_run(folder):
        return False
    return not {_COMPARISON, *_OTHERS} & read_manifest(folder).keys()


def complete_run(incomplete: str) -> list[str]:
    """Names of runs that a shell offers."""
    return [name for name in runs_in(REPORTS) if name.startswith(incomplete)]


def _refuse_another(folder: Path) -> None:
    """Raises InputError where a folder is another's than a run's, or a part of it, and says what reads it."""
    from cepsim.experiment.written import read_manifest
    from cepsim.scenario.fields import Words

    if holds_a_run(folder):
        manifest = read_manifest(folder)
        asked = manifest.get(_COMPARISON)
        if isinstance(asked, dict):
            again = " ".join(map(str, (asked.get("base", ""), *asked.get("others", ()))))
            raise InputError(
                file="RUN",
                found=Words(f"the folder of a comparison, {folder}"),
                expected="the folder of a run",
                remedy=f"`cepsim compare {again}` with the same options prints it again: nothing is lost.",
            )
        for key, words in _OTHERS.items():
            if key in manifest:
                raise InputError(
                    file="RUN",
                    found=Words(words.format(folder)),
                    expected="the folder of a run",
                    remedy=nearest("", runs_in(folder.parent)),
                )
        return
    whole = folder.absolute().parent
    if folder.name in _PARTS and holds_a_run(whole):
        raise InputError(
            file="RUN",
            found=Words(f"the folder {folder.name} of a run"),
            expected="the folder of the run itself",
            remedy=f"Name {whole}.",
        )


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 - a name that the system refuses is no folder
