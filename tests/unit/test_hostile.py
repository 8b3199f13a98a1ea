"""What strangers write reaches terminals, tables, pages and pictures as plain text; nothing of it is run."""

import ast
import csv
import io
import os
import re
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
from hostile import CONTROLS, FORMULAS, LONG, MARKUP, PATHS, PLAIN, TEXTS, drives_a_terminal
from matplotlib.figure import Figure
from stored import ABOUT, key_of, measured, same

import cepsim
from cepsim.cli import main
from cepsim.cli.outlet import holds_a_run
from cepsim.cli.render import Sheet, printer, say, show
from cepsim.errors import InputError, ScenarioError, TableError, UsageError
from cepsim.experiment import RecordedRun, plan, processes
from cepsim.experiment.plan import MOST_REPLICATIONS
from cepsim.experiment.store import Store
from cepsim.experiment.written import read_frame, read_manifest, write_folder
from cepsim.plain import content
from cepsim.report.markdown import document
from cepsim.report.style import save, sober
from cepsim.report.table import Table
from cepsim.resources import scenarios_folder, tables_folder
from cepsim.safe import cell, markdown, spreadsheet
from cepsim.scenario import load_scenario, to_toml
from cepsim.tables import load_tables

ADVISERS = "operators.opacif.advisers_fte"
PACKAGE = Path(cepsim.__file__).parent
#: Modules that read what they are told to run.
RUNNERS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "yaml"}
RUNNERS |= {"zipfile", "tarfile", "code", "runpy"}


def scenario_of(tmp_path: Path, **words: str) -> Path:
    said = {"title": "Essai", "debate": "Essai", "reason": "x", "name": "essai"} | words
    whole = load_scenario("reference").model_dump(exclude={"extends"}, exclude_none=True)
    for key in ("title", "debate"):
        whole[key] = {"fr": said[key], "en": said[key]}
    shock = {"publics": ["salaries_cdi"], "change": 0.1, "reason": said["reason"]}
    dates = {"from_date": whole["calendar"]["launch_date"], "until": whole["calendar"]["launch_date"]}
    dates["until"] = dates["until"].replace(month=6)
    whole["demand"]["shocks"] = [shock | dates]
    whole["name"] = said["name"]
    import tomli_w

    path = tmp_path / "essai.toml"
    path.write_text(tomli_w.dumps(whole), encoding="utf-8")
    return path


# --- what is let in ----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [text for text in TEXTS if text != "con"])
def test_no_such_text_is_the_name_of_a_scenario(tmp_path, text):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(scenario_of(tmp_path, name=text))
    assert caught.value.field == "name"


@pytest.mark.parametrize("field", ["title", "debate", "reason"])
def test_words_may_be_any_plain_text_and_come_back_as_they_were(tmp_path, field):
    for text in PLAIN:
        found = load_scenario(scenario_of(tmp_path, **{field: text}))
        said = found.demand.shocks[0].reason if field == "reason" else getattr(found, field).fr
        assert said == text.strip()
        assert text.strip() in to_toml(found).replace("\\\\", "\\").replace('\\"', '"')


@pytest.mark.parametrize("field", ["title", "debate", "reason"])
@pytest.mark.parametrize("text", CONTROLS)
def test_words_that_drive_a_terminal_are_refused(tmp_path, field, text):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(scenario_of(tmp_path, **{field: f"a{text}b"}))
    assert "control characters" in str(caught.value)
    assert not drives_a_terminal(str(caught.value).replace("\n", ""))


def test_control_characters_in_a_table_are_refused_at_their_line(tmp_path):
    for path in tables_folder().glob("*.csv"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    names = tmp_path / "regions_names.csv"
    names.write_text(
        names.read_text(encoding="utf-8").replace("Corse", "Cor\u202ese\x1b[31m"), encoding="utf-8"
    )
    with pytest.raises(TableError, match=r"regions_names\.csv: line \d+: .*control characters"):
        load_tables(tmp_path)


# --- where it goes -----------------------------------------------------------------------------------


def test_a_terminal_shows_it_as_it_is_written_and_no_sign_drives_it():
    stream = io.StringIO()
    for text in TEXTS:
        say(printer(stream), text)
        show(printer(stream), Sheet(text, text, (text, "b"), ((text, text),)))
    shown = stream.getvalue()
    assert not drives_a_terminal(shown)
    assert "[red]rouge[/red]" in shown
    assert ":smile: {title}" in shown


@pytest.mark.parametrize("text", FORMULAS)
def test_a_spreadsheet_finds_no_formula(text):
    assert cell(text) == f"'{text}"
    said = io.StringIO()
    spreadsheet(pd.DataFrame({text: [text, "x"], "n": [-1, 2]})).to_csv(said, index=False)
    rows = list(csv.reader(io.StringIO(said.getvalue())))
    assert rows[0][0] == rows[1][0] == f"'{text}"
    assert [row[1] for row in rows[1:]] == ["-1", "2"]


@pytest.mark.parametrize("text", FORMULAS)
def test_the_spreadsheets_of_a_run_hold_no_formula_and_its_columns_hold_what_was_written(tmp_path, text):
    frame = pd.DataFrame(
        {"a": [text, "x", None], "a " + text: pd.Categorical([text, "x", text]), "n": [-1, 2, 3]}
    )
    write_folder(tmp_path / "run", {"lines": frame}, {"cepsim": "1"})
    rows = list(csv.reader(io.StringIO((tmp_path / "run" / "lines.csv").read_text(encoding="utf-8"))))
    assert [row[0] for row in rows[1:]] == [f"'{text}", "x", ""]
    assert [row[1] for row in rows[1:]] == [f"'{text}", "x", f"'{text}"]
    assert [row[2] for row in rows[1:]] == ["-1", "2", "3"]
    assert pd.read_parquet(tmp_path / "run" / "lines.parquet")["a"].tolist()[:2] == [text, "x"]


@pytest.mark.parametrize(
    "number", ["-2", "+3,5 %", "-1 234,5", "+0.4 k€", "+ Première vague, moyens actuels", "–", "2015-01"]
)
def test_numbers_and_words_after_a_sign_stay_as_they_are_in_a_spreadsheet(number):
    assert cell(number) == number


@pytest.mark.parametrize("text", MARKUP)
def test_a_page_of_markdown_holds_no_html_link_or_picture(text):
    page = document(text, text, [Table("x", text, text, (text, "b"), ((text, "c"),))])
    assert "<" not in page
    assert not re.search(r"(?<!\\)`|\]\(|\]\[|\]:", page)
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    # a pipe that is not escaped begins or ends a cell
    assert {len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) for row in rows} == {3}


def test_code_of_the_program_s_own_texts_is_code_in_markdown_and_that_of_strangers_is_text():
    told = "`cepsim compare` says more, `rm -rf /` and a lone ` do not"
    page = document(told, "", [Table("x", "", told, ("a",), ((told,),))])
    assert page.count("`cepsim compare` says more, \\`rm -rf /\\` and a lone \\` do not") == 3
    assert "a lone \\` then `cepsim compare`" in document("a lone ` then `cepsim compare`", "", [])


def test_markdown_is_on_one_line_and_without_control_characters():
    for text in TEXTS:
        assert not drives_a_terminal(markdown(text))
        assert "\n" not in markdown(f"a\n# {text}")


def test_a_picture_draws_it_letter_by_letter(tmp_path):
    with sober():
        for number, text in enumerate(PLAIN):
            figure = Figure()
            figure.suptitle(text[:200])
            save(figure, tmp_path, f"n{number}")
            for element in ElementTree.parse(tmp_path / f"n{number}.svg").iter():
                assert element.tag.rpartition("}")[2] not in ("script", "img", "a", "foreignObject")
                assert not any(name.startswith("on") for name in element.attrib)


@pytest.mark.parametrize("text", TEXTS)
def test_a_message_about_it_is_plain(capsys, text):
    for words in (["scenarios", "show", text], ["run", "reference", "--region", text], ["note", text]):
        assert main(words) in (2, 3)
        said = capsys.readouterr()
        assert said.out == ""
        assert not drives_a_terminal(said.err)


# --- what is never run or followed -------------------------------------------------------------------


def test_no_module_opens_what_could_run():
    found = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name.split(".")[0] for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [(node.module or "").split(".")[0]]
            found += [f"{path.name}: {name}" for name in names if name in RUNNERS]
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if called in ("eval", "exec", "compile", "os.system", "os.popen", "pd.read_pickle"):
                    found.append(f"{path.name}: {called}")
                if any(word.arg == "shell" for word in node.keywords):
                    found.append(f"{path.name}: shell")
                if called in ("np.load", "numpy.load"):
                    allowed = [
                        ast.unparse(word.value) for word in node.keywords if word.arg == "allow_pickle"
                    ]
                    assert allowed == ["False"], path.name
    assert found == []


def links_to(path: Path, target: Path) -> None:
    if path.is_dir():
        path.rename(target)
    else:
        target.write_bytes(path.read_bytes())
        path.unlink()
    path.symlink_to(target)


needs_links = pytest.mark.skipif(os.name == "nt", reason="links need rights there")


@needs_links
@pytest.mark.parametrize("name", ["about.json", "quantities.parquet", ""])
def test_a_link_in_a_store_is_removed_and_what_it_names_is_left(tmp_path, name):
    store = Store(tmp_path / "store")
    for number in (1, 2):
        store.put(key_of(number), measured(rows=3), ABOUT)
    place = store.folder / key_of(1) / name if name else store.folder / key_of(1)
    links_to(place, tmp_path / "elsewhere")
    assert store.get(key_of(1)) is None
    assert len(store.damaged) == 1
    assert not (store.folder / key_of(1)).exists()
    assert (tmp_path / "elsewhere").exists()
    assert same(store.get(key_of(2)), measured(rows=3))


@needs_links
def test_a_link_in_a_run_is_refused(tmp_path):
    folder = tmp_path / "run"
    write_folder(folder, {"costs": pd.DataFrame({"a": [1]})}, {"cepsim": "1"})
    links_to(folder / "costs.parquet", tmp_path / "elsewhere")
    with pytest.raises(InputError, match="A link"):
        read_frame(folder, "costs")
    links_to(folder / "manifest.json", tmp_path / "manifest")
    with pytest.raises(InputError, match="A link"):
        read_manifest(folder)
    assert not holds_a_run(folder)


@needs_links
@pytest.mark.parametrize("follow", [True, False])
def test_what_never_ends_is_never_read(tmp_path, follow):
    endless, pipe = tmp_path / "endless", tmp_path / "pipe"
    endless.symlink_to("/dev/zero")
    os.mkfifo(pipe)
    for path in (endless, pipe, tmp_path):
        with pytest.raises(OSError, match=r"link|plain file|directory"):
            content(path, follow=follow)
    with pytest.raises(OSError, match="More than 2 bytes"):
        big = tmp_path / "big"
        big.write_bytes(b"abc")
        content(big, most=2)


@pytest.mark.parametrize("name", ["run.zip", "run.tar.gz"])
def test_an_archive_is_no_run_and_no_scenario(tmp_path, capsys, name):
    path = tmp_path / name
    path.write_bytes(b"PK\x03\x04" + bytes(100))
    for words in (["note", str(path)], ["check", str(path)], ["scenarios", "validate", str(path)]):
        assert main(words) == 3
    assert capsys.readouterr().out == ""
    assert list(tmp_path.iterdir()) == [path]


# --- sizes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("calendar.years = 100", "calendar.years"),
        ("calendar.launch_date = 1913-11-01", "calendar.launch_date"),
        (
            f'figures."{ADVISERS}" = {{low = 1e9, mode = 1e9, high = 1e9, reason = "x"}}',
            f"figures.{ADVISERS}",
        ),
        (f'figures."{ADVISERS}" = {{low = 0, mode = 1e400, high = 1, reason = "x"}}', f"figures.{ADVISERS}"),
        ("x = " + "[" * 5000 + "]" * 5000, ""),
        ("x = " + "9" * 5000, ""),
    ],
)
def test_a_scenario_beyond_measure_is_refused_before_any_work(tmp_path, body, field):
    path = tmp_path / "essai.toml"
    words = 'title = {fr = "x", en = "x"}\ndebate = {fr = "x", en = "x"}\nname = "essai"\n'
    path.write_text(f"{words}{body}\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert caught.value.field.startswith(field)


def test_figures_of_every_kind_have_a_largest_value_that_the_tables_keep():
    from cepsim.units import UNITS

    assert all(not unit.allows(1e15) for unit in UNITS.values())
    assert not UNITS["etp"].allows(1e9)
    assert not UNITS["k_persons"].allows(1e9)
    load_tables()


def test_a_table_of_any_size_is_not_read(tmp_path):
    for path in tables_folder().glob("*.csv"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with (tmp_path / "marks.csv").open("ab") as file:
        file.truncate(30_000_000)
    with pytest.raises(TableError, match=r"marks\.csv.*bytes at most"):
        load_tables(tmp_path)


@pytest.mark.parametrize("count", [0, MOST_REPLICATIONS + 1, 10**9])
def test_replications_beyond_measure_are_refused_before_any_work(count):
    with pytest.raises(UsageError, match="replications"):
        plan(["reference"], regions=["94"], replications=count)


@pytest.mark.parametrize("option", ["--replications", "--years", "--seed", "--workers", "--sample"])
def test_a_number_of_thousands_of_digits_is_refused_by_its_option(capsys, option):
    assert main(["run", "reference", "--region", "94", option, "9" * 5000]) == 2
    assert option in capsys.readouterr().err


@pytest.mark.parametrize("name", ["x" * 300, LONG, *PATHS])
def test_a_name_that_no_file_can_have_is_refused_as_such(name):
    with pytest.raises(ScenarioError):
        load_scenario(f"{name}.toml")
    with pytest.raises(ScenarioError):
        load_scenario(name)
    assert scenarios_folder().is_dir()


def test_what_is_compiled_is_given_to_the_processes_of_the_run_alone(monkeypatch):
    with processes.given({"a": 1}) as address:
        monkeypatch.setattr(processes, "_address", [address])
        assert processes.taken() == {"a": 1}
        with pytest.raises(AuthenticationError):
            Client(address, authkey=b"a stranger's")
        assert processes.taken() == {"a": 1}
    assert processes.taken() is None


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("amount_cents", "x", "whole numbers"),
        ("quantity", 0.5, "whole numbers"),
        ("scenario", "x", "manifest"),
    ],
)
def test_a_ledger_of_something_else_is_refused_at_its_column(tmp_path, column, value, expected):
    row = {"replication": 0, "operator": "opacif", "stage": "accueil", "nature": "x"}
    rows = pd.DataFrame([{"scenario": "reference", **row, "quantity": 1, "amount_cents": 2, column: value}])
    write_folder(tmp_path / "run", {"ledger": rows}, {"cepsim": "1"})
    with pytest.raises(InputError, match=expected) as caught:
        _ = RecordedRun(tmp_path / "run", plan(["reference"], regions=["94"])).ledger
    assert caught.value.field == column
