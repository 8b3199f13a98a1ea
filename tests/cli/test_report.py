"""`cepsim report RUN`: one file that asks nothing of anybody, with all that the run has to say."""

import json
import shutil
from html.parser import HTMLParser

import pytest
from deployments import tables
from dossiers import noted

import cepsim.experiment.provenance as provenance
from cepsim.experiment import RecordedRun, plan, run_scenarios
from cepsim.report import answers, html_report, note
from cepsim.report.html_report import picture
from cepsim.report.html_table import table_id

SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HOSTILE = '<script>alert(1)</script> & \\"><img src=x>'
SECTIONS = ["summary", "pictures", "note", "answers", "hypotheses", "method", "plausibility", "checklists"]


class Page(HTMLParser):
    """The elements of a page, its words and its cells by table."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words, self.cells, self._table = "", {}, ""
        self.feed(document)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "wbr"):
            self.open.append(tag)
        if tag == "section":
            self._table = dict(attrs)["id"]
        if tag in ("td", "th"):
            self.cells.setdefault(self._table, []).append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += data
        # words for ears alone say again the row above
        if self.open[-1:] != ["style"] and set(self.open) & {"td", "th"}:
            self.cells[self._table][-1] += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.elements if found == tag]

    def ids(self) -> list[str]:
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]


@pytest.fixture(scope="module", autouse=True)
def _figures_said_to_be_read():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provenance, "_noted", lambda _scenarios, _regions, tables: noted(tables))
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    asked = {"regions": ["94"], "replications": 1, "years": 1, "follow_up_years": 0, "sample": 20}
    folder = tmp_path_factory.mktemp("report") / "a-run"
    run_scenarios(plan(["central"], **asked), workers=1).write(folder)
    return folder


@pytest.fixture(scope="module")
def recorded(made):
    return RecordedRun.of(made, tables())


@pytest.fixture(scope="module")
def document(recorded):
    return html_report(recorded)


@pytest.fixture(scope="module")
def page(document):
    return Page(document)


@pytest.fixture
def run(made, tmp_path):
    return shutil.copytree(made, tmp_path / "a-run")


def written(run):
    return Page((run / "report" / "report.html").read_text(encoding="utf-8"))


def test_it_holds_every_table_of_the_note_and_of_the_answers_once_cell_by_cell(page, recorded):
    told = {table.key: table for table in [*answers(recorded), *note(recorded)]}
    for table in told.values():
        assert page.ids().count(table_id(table)) == 1
        found = page.cells[table_id(table)]
        expected, last = list(table.columns), ""
        for row in table.rows:
            last = row[0] or last
            expected += [last, *row[1:]]
        # spaces at which no line may break are spaces
        told = ([c.replace("`", "").replace("\xa0", " ") for c in cells] for cells in (expected, found))
        assert next(told) == next(told)


def test_it_begins_with_what_each_scenario_gives_and_how_sure_that_is(page):
    assert [at["id"] for at in page.all("section") if at["id"].startswith("s-")] == [
        f"s-{name}" for name in SECTIONS
    ]
    summary = page.words[: page.words.index("La note", page.words.index("À quel point"))]
    for text in ("Scénario central", "Moins de trois réplications", "une personne sur 20", "hypothèses"):
        assert text in summary
    assert len(page.cells["t-summary"]) == 9 * 3


def test_it_asks_nothing_of_anybody_and_runs_nothing(page):
    for tag, attributes in page.elements:
        assert tag not in ("script", "link", "iframe", "object", "embed", "form", "base", "svg")
        assert not [name for name in attributes if name.startswith("on") or name in ("style", "srcset")]
        assert attributes.get("src", "data:").startswith("data:")
        assert attributes.get("href", "#").startswith("#")
    (css,) = [tag for tag, _ in page.elements if tag == "style"]
    assert css
    style = page.words[: page.words.index("@media print")]
    assert "url(" not in style
    assert "@import" not in style
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert {"http-equiv": "Content-Security-Policy", "content": policy} in page.all("meta")


def test_every_link_leads_to_one_place_and_every_table_is_in_the_contents(page):
    ids = page.ids()
    assert len(ids) == len(set(ids))
    links = {at["href"].removeprefix("#") for at in page.all("a")}
    assert links <= set(ids)
    alone = {"t-summary", "t-marks"}
    assert {id_ for id_ in ids if id_.startswith("t-") and not id_.endswith("-title")} - alone <= links
    assert {f"s-{name}" for name in SECTIONS} <= links
    named = {at["aria-labelledby"] for _, at in page.elements if "aria-labelledby" in at}
    assert named <= set(ids)


def test_every_table_has_a_caption_and_every_head_its_scope(page):
    assert len(page.all("caption")) == len(page.all("table")) > 40
    assert {at.get("scope") for at in page.all("th")} == {"col", "row"}
    assert page.all("html") == [{"lang": "fr"}]
    assert not page.open


def test_pictures_are_inside_it_and_titles_of_scenarios_are_text_wherever_they_come(call, run):
    (run / "figures").mkdir()
    (run / "figures" / "couts.svg").write_text(SVG, encoding="utf-8")
    (run / "figures" / "entonnoir.png").write_bytes(b"png")
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    toml = manifest["scenarios"]["central"]["toml"]
    manifest["scenarios"]["central"]["toml"] = toml.replace('"Scénario central"', f'"{HOSTILE}"')
    assert manifest["scenarios"]["central"]["toml"] != toml
    (run / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    outcome = call("report", str(run))
    assert outcome.code == 0
    assert "Rapport écrit" in outcome.out
    page = written(run)
    first, second = page.all("img")
    assert first["src"] == "data:image/png;base64,cG5n"
    assert second["src"].startswith("data:image/svg+xml;base64,")
    assert "Ce que coûte chaque scénario" in second["alt"]
    assert not page.all("script")
    assert page.words.count("<script>alert(1)</script>") > 10


def test_a_run_without_pictures_says_so(page):
    assert not page.all("img")
    assert "ne contient pas d'image" in page.words


def test_a_picture_that_is_a_link_is_refused(call, run, tmp_path):
    (run / "figures").mkdir()
    (tmp_path / "secret").write_text("x", encoding="utf-8")
    (run / "figures" / "couts.svg").symlink_to(tmp_path / "secret")
    outcome = call("report", str(run))
    assert outcome.code == 3
    assert "couts.svg" in outcome.err
    assert not (run / "report").exists()
    assert picture(run, "couts") == ""


def test_it_is_written_in_english_on_request_and_replaces_the_one_before(call, run):
    (run / "report").mkdir()
    (run / "report" / "left.html").write_text("x", encoding="utf-8")
    outcome = call("report", str(run), "--lang", "en")
    assert outcome.code == 0
    assert "Report written" in outcome.out
    assert [path.name for path in (run / "report").iterdir()] == ["report.html"]
    page = written(run)
    assert page.all("html") == [{"lang": "en"}]
    assert "How sure this is" in page.words
    for text in ("Synthèse", "Lecture :", "hypothèses"):
        assert text not in page.words


def test_it_is_written_where_asked_in_place_of_nothing_but_a_report(call, run, document, empty_folder):
    earlier = document.replace("Synthèse", "Ancienne")
    (empty_folder / "r.html").write_text(earlier, encoding="utf-8")
    assert call("report", str(run), "--out", "r.html").code == 0
    assert (empty_folder / "r.html").read_text(encoding="utf-8") == document
    assert not (run / "report").exists()


def test_another_file_is_left_as_it_is(call, run, empty_folder):
    (empty_folder / "mine.html").write_text("<p>mine</p>", encoding="utf-8")
    for wrong in ("mine.html", "no/r.html", "."):
        outcome = call("report", str(run), "--out", wrong)
        assert outcome.code == 3
        assert "--out" in outcome.err
    assert (empty_folder / "mine.html").read_text(encoding="utf-8") == "<p>mine</p>"
    assert [path.name for path in empty_folder.iterdir()] == ["mine.html"]


def test_what_is_no_run_is_refused_and_nothing_is_written(call, run, tmp_path):
    folder = tmp_path / "empty"
    folder.mkdir()
    outcome = call("report", str(folder))
    assert outcome.code == 3
    assert "manifest.json" in outcome.err
    assert list(folder.iterdir()) == []
    assert call("report", "nothing-there").code == 3
    (run / "report").mkdir()
    outcome = call("report", str(run / "report"))
    assert outcome.code == 3
    assert str(run) in outcome.err.replace("\n", "")
