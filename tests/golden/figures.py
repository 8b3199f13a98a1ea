"""The golden figures: what each shipped scenario gives in Corse, in its first year, for one seed.

    python tests/golden/figures.py      writes tests/golden/figures.csv anew

They are whole numbers: people and events counted, cents, and a digest of all the rest. `CHANGELOG.md` names
the digest of the file, so that none moves unsaid.
"""

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from cepsim.experiment import Plan, Results, plan, run_scenarios
from cepsim.experiment.store import Store
from cepsim.scenario import load_scenario

FILE = Path(__file__).with_name("figures.csv")
SHIPPED = tuple(sorted(path.stem for path in Path(__file__).parents[2].joinpath("scenarios").glob("*.toml")))
SEED = 2013
REGION = "94"
HEADER = ("scenario", "figure", "value")
_VOLUMES = ("ask_accueil", "received", "conseil_entered", "interviews", "bilans", "files")

Row = tuple[str, str, str]


def run_of(name: str, store: Store | None = None) -> Results:
    """A scenario and the reference, warm-up included, without follow-up."""
    return run_scenarios(planned([name]), workers=1, store=store)


def planned(names: Sequence[str], replications: int = 1) -> Plan:
    """Scenarios and the reference, for a year in Corse."""
    scenarios = [load_scenario(name).derive({"calendar.follow_up_years": 0}, name=name) for name in names]
    return plan(scenarios, regions=[REGION], replications=replications, years=1, seed=SEED)


def figures(name: str, store: Store | None = None) -> list[Row]:
    """The golden rows of a scenario."""
    return rows_of(run_of(name, store), name)


def rows_of(results: Results, name: str) -> list[Row]:
    """The golden rows of a scenario of a run, from its first replication."""
    measured, ledger = results.measured[name][0], results.ledgers[name][0]
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


def text() -> str:
    """The file anew, whole."""
    whole = io.StringIO()
    rows = csv.writer(whole, lineterminator="\n")
    rows.writerow(HEADER)
    with TemporaryDirectory() as folder:  # where the reference is kept, once for all
        for name in SHIPPED:
            rows.writerows(figures(name, Store(Path(folder))))
    return whole.getvalue()


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
    print(f"golden {file_digest()}: say in CHANGELOG.md what moved, and why")
