"""The published tables: the note of the main job's scenarios in Corse, as Markdown and CSV, in French.

    python tests/golden/publish.py      writes reports/published anew

They hold no date, no place and no duration, so that git shows what moved. `manifest.json` says what they were
made of, the golden figures of that day included: a program that moves those is not the one that published.
"""

import hashlib
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from golden.figures import REGION, SEED, file_digest

import cepsim
from cepsim.cli import main
from cepsim.experiment import Plan, plan
from cepsim.experiment.written import replaced

FOLDER = Path(__file__).parents[2] / "reports" / "published"
MANIFEST = "manifest.json"
SCENARIOS = ("reference", "loi-2013", "premiere-vague", "central")
YEARS = 3
REPLICATIONS = 3


def planned() -> Plan:
    """What is published, as the command line plans it."""
    return plan(SCENARIOS, regions=[REGION], replications=REPLICATIONS, years=YEARS, seed=SEED)


def manifest(files: dict[str, bytes]) -> dict[str, object]:
    """What these files were made of: scenarios, tables and program, and the files themselves."""
    of = planned()
    return {
        "cepsim": cepsim.__version__,
        "run": of.name,
        "tables_sha256": of.tables.digest,
        "golden": file_digest(),
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())},
    }


def published() -> dict[str, bytes]:
    """Every file of the folder but its manifest."""
    return {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.name != MANIFEST}


def publish() -> int:
    """Run, tell, and put the note in the place of the one published; the exit code of what failed, or 0."""
    with TemporaryDirectory() as place:
        run = Path(place) / "run"
        numbers = {"--years": YEARS, "--replications": REPLICATIONS, "--seed": SEED}
        words = [str(word) for pair in numbers.items() for word in pair]
        failed = main(["run", *SCENARIOS, "--region", REGION, *words, "--out", str(run)])
        failed = failed or main(["note", str(run)])
        if failed:
            return failed
        with replaced(FOLDER) as partial:
            for path in (run / "note").iterdir():
                (partial / path.name).write_bytes(path.read_bytes())
    text = json.dumps(manifest(published()), indent=2) + "\n"
    (FOLDER / MANIFEST).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(publish())
