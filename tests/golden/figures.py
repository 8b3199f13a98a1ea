"""The golden figures: what each shipped scenario gives in Corse, in its first year, for one seed.

    python tests/golden/figures.py      writes tests/golden/figures.csv anew

They are whole numbers: people and events counted, cents, and a digest of all the rest. `CHANGELOG.md` names
the digest of the file, so that none moves unsaid.
"""

import csv
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from cepsim.experiment import Results, plan, run_scenarios
from cepsim.scenario import load_scenario

FILE = Path(__file__).with_name("figures.csv")
SHIPPED = tuple(sorted(path.stem for path in Path(__file__).parents[2].joinpath("scenarios").glob("*.toml")))
SEED = 2013
REGION = "94"
HEADER = ("scenario", "figure", "value")
_VOLUMES = ("ask_accueil", "received", "conseil_entered", "interviews", "bilans", "files")

Row = tuple[str, str, str]


def run_of(name: str) -> Results:
    """A scenario and the reference, warm-up included, without follow-up."""
    scenario = load_scenario(name).derive({"calendar.follow_up_years": 0}, name=name)
    return run_scenarios(plan([scenario], regions=[REGION], replications=1, years=1, seed=SEED), workers=1)


def figures(name: str) -> list[Row]:
    """The golden rows of a scenario."""
    results = run_of(name)
    (measured,), (ledger,) = results.measured[name], results.ledgers[name]
    volumes, cents = measured.counts.volumes, ledger.rows
    rows: list[tuple[str, int | str]] = []
    year = volumes[(volumes["year"] == 2015) & volumes["measure"].isin(_VOLUMES)]
    told = year.groupby(["operator", "measure"], observed=True, sort=True)["count"].sum()
    rows += [(f"{measure}.{operator}", int(count)) for (operator, measure), count in told.items()]
    by_nature = cents.groupby("nature", observed=True, sort=True)["amount_cents"].sum()
    rows += [(f"cents.{nature}", int(amount)) for nature, amount in by_nature.items()]
    rows += [("people", measured.people), ("visits", measured.visits)]
    # prices are floats, whose texts differ between machines; amounts are not
    paid = cents.drop(columns="unit_cost_cents")
    tables = {**measured.counts.tables, "quantities": measured.quantities, "ledger": paid}
    rows += [(f"digest.{table}", digest(frame)) for table, frame in tables.items()]
    return [(name, figure, str(value)) for figure, value in rows]


def digest(frame: pd.DataFrame) -> str:
    """The same for the same rows in any order, whatever the types of the columns."""
    text = frame.to_csv(index=False, lineterminator="\n")
    head, *lines = text.splitlines()
    return hashlib.sha256("\n".join([head, *sorted(lines)]).encode()).hexdigest()[:16]


def kept() -> Iterator[Row]:
    """The rows of the file."""
    with FILE.open(encoding="utf-8", newline="") as text:
        rows = csv.reader(text)
        next(rows)
        yield from ((scenario, figure, value) for scenario, figure, value in rows)


def file_digest() -> str:
    """What the changelog names."""
    return hashlib.sha256(FILE.read_bytes()).hexdigest()[:12]


def write() -> None:
    """Write the file anew, whole."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(HEADER)
    for name in SHIPPED:
        rows.writerows(figures(name))
    FILE.write_text(text.getvalue(), encoding="utf-8")


if __name__ == "__main__":
    write()
    print(f"golden {file_digest()}: say in CHANGELOG.md what moved, and why")
