"""A mistake in any table gives one message: file, line, column, what was found, what was expected."""

import csv
import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cepsim.errors import TableError
from cepsim.resources import tables_folder
from cepsim.tables import load_tables
from cepsim.tables.read import canonical_bytes, read_figures
from cepsim.tables.schema import TABLES

Rows = list[list[str]]


def rows_of(table: str) -> Rows:
    text = (tables_folder() / f"{table}.csv").read_text(encoding="utf-8")
    return list(csv.reader(io.StringIO(text)))


def as_bytes(rows: Rows) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def set_cell(rows: Rows, column: str, value: str, line: int = 2) -> None:
    rows[line - 1][rows[0].index(column)] = value


def message(table: str, rows: Rows) -> str:
    with pytest.raises(TableError) as caught:
        read_figures(as_bytes(rows), TABLES[table])
    return str(caught.value)


every_table = pytest.mark.parametrize("table", TABLES)


@every_table
def test_the_shipped_table_is_read_without_a_word(table):
    figures = read_figures(as_bytes(rows_of(table)), TABLES[table])
    assert len(figures) == len(rows_of(table)) - 1
    assert figures[0].line == 2


@every_table
def test_a_missing_column_is_named(table):
    rows = rows_of(table)
    unit = rows[0].index("unit")
    for row in rows:
        del row[unit]
    assert f"{table}.csv: line 1, column unit: found" in message(table, rows)


@every_table
def test_an_unknown_column_gets_the_nearest_one(table):
    rows = rows_of(table)
    rows[0] = [*rows[0], "sourcee"]
    for row in rows[1:]:
        row.append("")
    text = message(table, rows)
    assert f"{table}.csv: line 1, column sourcee" in text
    assert 'Did you mean "source"?' in text


@every_table
def test_an_unknown_unit_gets_the_nearest_one(table):
    rows = rows_of(table)
    set_cell(rows, "unit", "k_person")
    text = message(table, rows)
    assert f'{table}.csv: line 2, column unit: found "k_person", expected a unit of the vocabulary' in text
    assert 'Did you mean "k_persons"?' in text


@every_table
@pytest.mark.parametrize("written", ["35, 336", "0,5", "642ù", "2 360", "nan", "inf", "1e999", ""])
def test_a_number_that_is_not_one_is_refused_with_its_cell(table, written):
    rows = rows_of(table)
    set_cell(rows, "mode", written)
    text = message(table, rows)
    assert f'{table}.csv: line 2, column mode: found "{written}"' in text
    assert "decimal point" in text


@every_table
def test_a_range_out_of_order_is_refused(table):
    rows = rows_of(table)
    for column, value in (("low", "0.5"), ("mode", "0.4"), ("high", "0.6")):
        set_cell(rows, column, value)
    assert "low = 0.5, mode = 0.4, high = 0.6" in message(table, rows)


@every_table
def test_a_share_above_one_is_refused(table):
    rows = rows_of(table)
    set_cell(rows, "unit", "share")
    set_cell(rows, "kind", "share")
    for column in ("low", "mode", "high"):
        set_cell(rows, column, "1.2")
    assert "expected a finite number from 0 to 1, the range of the unit share" in message(table, rows)


@every_table
@pytest.mark.parametrize("column", ["confidence", "vintage", "use", "kind"])
def test_an_unknown_word_is_refused_with_the_words_allowed(table, column):
    rows = rows_of(table)
    set_cell(rows, column, "observe")
    assert f'{table}.csv: line 2, column {column}: found "observe", expected ' in message(table, rows)


@every_table
def test_a_repeated_key_names_both_lines(table):
    rows = rows_of(table)
    rows.append(list(rows[1]))
    text = message(table, rows)
    assert f"{table}.csv: line {len(rows)}, columns {', '.join(TABLES[table].keys)}" in text
    assert "line 2 has it" in text


@every_table
def test_an_observed_figure_without_a_source_is_refused(table):
    rows = rows_of(table)
    set_cell(rows, "confidence", "observed")
    set_cell(rows, "source", " ")
    assert f"{table}.csv: line 2, column source" in message(table, rows)


@every_table
def test_a_hypothesis_without_a_reason_is_refused(table):
    rows = rows_of(table)
    set_cell(rows, "confidence", "hypothesis")
    set_cell(rows, "source", "")
    set_cell(rows, "note", "")
    assert f"{table}.csv: line 2, column note" in message(table, rows)


@every_table
def test_a_figure_of_later_years_cannot_be_an_input(table):
    rows = rows_of(table)
    set_cell(rows, "vintage", "ex_post")
    set_cell(rows, "use", "input")
    assert f'{table}.csv: line 2, column use: found "input", expected "check"' in message(table, rows)


@every_table
def test_a_key_with_a_capital_or_a_dot_is_refused(table):
    rows = rows_of(table)
    key = TABLES[table].keys[0]
    set_cell(rows, key, "A.b")
    assert f'{table}.csv: line 2, column {key}: found "A.b"' in message(table, rows)


@every_table
def test_a_decimal_comma_that_splits_a_row_is_explained(table):
    rows = rows_of(table)
    rows[1].append("336")
    text = message(table, rows)
    assert f"{table}.csv: line 2: found" in text
    assert "write decimals with a point" in text


def test_every_problem_of_a_file_is_reported_together():
    rows = rows_of("demand")
    set_cell(rows, "unit", "sahre", line=2)
    set_cell(rows, "year", "last year", line=3)
    set_cell(rows, "mode", "0,1", line=5)
    text = message("demand", rows)
    assert [re.search(r"line (\d+)", line).group(1) for line in text.splitlines()] == ["2", "3", "5"]


def test_a_file_that_is_not_utf_8_is_refused():
    with pytest.raises(TableError, match="UTF-8"):
        read_figures("Île-de-France".encode("latin-1"), TABLES["national"])


def test_line_ends_and_byte_order_marks_of_editors_change_nothing():
    raw = as_bytes(rows_of("payers"))
    edited = b"\xef\xbb\xbf" + raw.replace(b"\n", b"\r\n")
    assert canonical_bytes(edited) == raw


def test_the_same_year_twice_among_checks_is_a_repeated_key():
    rows = rows_of("flows")
    year = rows[0].index("year")
    twice = next(row for row in rows if row[:2] == ["cif_cdi", "pris_en_charge"] and row[year] == "2010")
    rows.append(list(twice))
    assert "flows.cif_cdi.pris_en_charge@2010" in message("flows", rows)


# What needs several tables, or several rows of one: through the folder.


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(tables_folder(), tmp_path / "insee_2012"))


def edited(folder: Path, table: str, change: Callable[[Rows], None]) -> str:
    rows = rows_of(table)
    change(rows)
    (folder / f"{table}.csv").write_bytes(as_bytes(rows))
    with pytest.raises(TableError) as caught:
        load_tables(folder)
    return str(caught.value)


def set_where(rows: Rows, keys: list[str], **cells: str) -> None:
    row = next(row for row in rows if row[: len(keys)] == keys)
    for column, value in cells.items():
        row[rows[0].index(column)] = value


@pytest.mark.parametrize("table", [*TABLES, "regions_names", "actors_names"])
def test_a_missing_file_is_named(folder, table):
    (folder / f"{table}.csv").unlink()
    with pytest.raises(TableError, match=rf"^{table}\.csv: found"):
        load_tables(folder)


def test_problems_of_several_files_are_reported_together(folder):
    (folder / "stages.csv").unlink()
    text = edited(folder, "payers", lambda rows: set_cell(rows, "unit", "euros"))
    assert {line.split(":")[0] for line in text.splitlines()} == {"stages.csv", "payers.csv"}


def test_a_flow_added_to_a_stock_is_refused(folder):
    text = edited(
        folder,
        "publics",
        lambda rows: set_where(rows, ["stock", "interimaires"], unit="k_persons_per_year", kind="flow"),
    )
    assert "publics.csv: line 4, column unit" in text
    assert "flow in k_persons_per_year, added to publics all_employed" in text
    assert "A stock and a flow cannot be added" in text


def test_a_unit_added_to_another_is_refused(folder):
    text = edited(folder, "publics", lambda rows: set_where(rows, ["stock", "interimaires"], unit="k_etp"))
    assert "stock in k_etp, added to publics all_employed" in text


def test_publics_that_miss_their_total_are_refused_with_the_gap(folder):
    text = edited(folder, "publics", lambda rows: set_where(rows, ["stock", "salaries_cdi"], mode="14801"))
    assert "found 25521.0, expected modes that sum to 25520, the control of line" in text
    assert "Share out -1 between these 6 rows" in text


def test_a_total_that_does_not_exist_is_refused(folder):
    text = edited(
        folder, "publics", lambda rows: set_where(rows, ["stock", "salaries_cdi"], sums_to="all_employee")
    )
    assert 'found "all_employee"' in text
    assert 'Did you mean "all_employed"?' in text


@pytest.mark.parametrize(
    ("table", "keys"),
    [
        ("payers", ["pole_emploi", "operating_cost", "unedic"]),
        ("market_shares", ["2", "demandeurs_emploi", "under_26", "pole_emploi"]),
        ("publics", ["attribute", "jeunes", "autonomy_mid"]),
        ("publics", ["attribute", "all", "project_distance_idea"]),
        ("stages", ["ingenierie", "project_mix", "jeunes", "all", "all", "formation"]),
        ("calendar", ["hour_share_telephone", "09h00-10h00"]),
        ("calendar", ["weekday_index", "monday"]),
        ("flows", ["saison_demandes_cif", "m01"]),
    ],
)
def test_shares_that_miss_their_total_are_refused(folder, table, keys):
    text = edited(folder, table, lambda rows: set_where(rows, keys, low="0", mode="0.3333", high="1"))
    assert text.startswith(f"{table}.csv: line")
    assert "column mode, sum for" in text
    assert "expected modes that sum to" in text
    assert "Share out" in text


@pytest.mark.parametrize(
    ("column", "value"), [("zone", "métropole"), ("pilot", "yes"), ("holidays", "alsace"), ("name", None)]
)
def test_words_of_the_regions_are_checked(folder, column, value):
    if value is None:
        text = edited(folder, "regions_names", lambda rows: rows.pop())
        assert "no region 04" in text
    else:
        text = edited(folder, "regions_names", lambda rows: set_cell(rows, column, value))
        assert f'regions_names.csv: region 11, column {column}: found "{value}"' in text


def test_a_region_named_twice_is_refused(folder):
    text = edited(folder, "regions_names", lambda rows: rows.append(list(rows[1])))
    assert 'regions_names.csv: line 28, column region: found "11"' in text
