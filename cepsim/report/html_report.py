"""A finished run as one HTML file: summary, pictures, note, answers, then hypotheses, method and checks.

The file asks nothing of anybody: no script, no font, no address; its pictures are inside it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

import cepsim
from cepsim.errors import InputError
from cepsim.experiment import RecordedRun
from cepsim.experiment.provenance import figures_of
from cepsim.experiment.sentence import findings, headline
from cepsim.labels import Language, label, labels_under
from cepsim.plain import content
from cepsim.report.answers import answers
from cepsim.report.dossier import dossier
from cepsim.report.dossier_facts import Facts
from cepsim.report.html_table import html_table, table_id
from cepsim.report.late import late_dates
from cepsim.report.markup import Html, element, identity, joined, prose, style
from cepsim.report.note import Note, note
from cepsim.report.table import Table
from cepsim.scenario.fields import Words

#: How an earlier report is known from any other file.
GENERATOR: Final = "cepsim report"
_CSP: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_CONTENTS: Final = "contents"
_PICTURES: Final = "figures"
_MOST_BYTES: Final = 20_000_000
_KINDS: Final = {"svg": "image/svg+xml", "png": "image/png"}
#: What each picture is: its file, its key in the labels, and the key of the table that it is read with.
_DRAWN: Final = (
    ("attentes", "waits", "delays"),
    ("entonnoir", "funnel", "funnel"),
    ("files-d-attente", "backlog", "over_time"),
    ("couts", "costs", "costs"),
)
#: Tables of the dossier by annex; one that is in none is with the checklists.
_ANNEXES: Final = {
    "hypotheses": ("impact_quality", "hypotheses", "parameters", "sources"),
    "method": ("scenarios", "scenario_logic", "flow", "draws"),
}
_MARKS: Final = "marks"


@dataclass(frozen=True, slots=True, eq=False)
class _Section:
    """A part of the report: its key in the labels, what stands before its tables, these, and what follows."""

    key: str
    before: Sequence[Html]
    tables: Sequence[Table] = ()
    after: Sequence[Html] = ()
    #: Anchors and names of what it holds beside tables.
    others: Sequence[tuple[str, str]] = ()


def html_report(run: RecordedRun, language: Language = "fr") -> str:
    """The report of a run as one HTML document.

    A year of the smallest region is simulated to note what figures are read: some seconds a scenario. Raises
    InputError where the folder of the run is not such as a run writes.
    """
    plan = run.plan
    used = figures_of(plan.scenarios, regions=plan.regions, tables=plan.tables)
    return _Report(Facts(run, used, language)).document()


class _Report:
    """The report of a run, in a language."""

    def __init__(self, facts: Facts) -> None:
        self.facts, self.run, self.language = facts, facts.run, facts.language
        digest, seed = self.run.plan.tables.digest, self.run.plan.seed
        self.source = label("figure.from", self.language, version=digest[:8], seed=seed)
        self.note = {table.key: table for table in note(self.run, self.language)}
        # what the note has already is not printed twice
        self.answers = {t.key: t for t in answers(self.run, self.language) if t.key not in self.note}
        self.dossier = {table.key: table for table in dossier(facts)}

    def text(self, key: str) -> str:
        """A text of the report, filled with the facts of the run."""
        return label(f"report.{key}", self.language, **self.facts.values)

    def document(self) -> str:
        """The whole file."""
        sections = list(self.sections())
        title = self.text("heading")
        head = element(
            "head",
            element("meta", charset="utf-8"),
            element("meta", http_equiv="Content-Security-Policy", content=_CSP),
            element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element("meta", name="generator", content=f"{GENERATOR} {cepsim.__version__}"),
            element("title", title),
            style(files(__package__).joinpath("page.css").read_text(encoding="utf-8")),
        )
        links = [(identity("s", of.key), self.text(f"section.{of.key}")) for of in sections]
        body = element(
            "body",
            element("a", self.text("skip"), href=f"#{links[0][0]}", class_="skip"),
            element(
                "header",
                element("h1", title),
                element("p", f"{headline(self.run.plan, self.language)}. {self.text('made')}", class_="lead"),
            ),
            element(
                "nav",
                element("h2", self.text("contents"), id=_CONTENTS),
                _list(links, "ol"),
                aria_labelledby=_CONTENTS,
            ),
            element("main", *map(self._written, sections)),
            element("footer", element("p", f"{self.text('foot')} {self.source}")),
        )
        return "<!DOCTYPE html>\n" + element("html", head, body, lang=self.language) + "\n"

    def sections(self) -> Iterator[_Section]:
        """The parts of the report, in the order in which they are read."""
        note_tables = [table for key, table in self.note.items() if key != _MARKS]
        pictures = dict(self._pictures())
        names = [
            (_picture_id(name), label(f"figure.{key}.title", self.language))
            for name, key, _ in _DRAWN
            if name in pictures
        ]
        annexes = {
            annex: [self.dossier[key] for key in keys if key in self.dossier]
            for annex, keys in _ANNEXES.items()
        }
        placed = {table.key for tables in annexes.values() for table in tables}
        gives = [Note(self.run, self.language).summary()]
        yield _Section("summary", self._summary(), gives, after=self._sure())
        told = [] if pictures else [element("p", prose(self.text("no_picture")))]
        yield _Section("pictures", [*self._lead("pictures"), *told, *pictures.values()], others=names)
        yield _Section("note", self._lead("note"), note_tables)
        yield _Section("answers", self._lead("answers"), list(self.answers.values()))
        yield _Section("hypotheses", self._lead("hypotheses"), annexes["hypotheses"])
        yield _Section("method", self._method(), annexes["method"])
        yield _Section("plausibility", self._lead("plausibility"), [self.note[_MARKS]])
        left = [table for key, table in self.dossier.items() if key not in placed]
        yield _Section("checklists", self._lead("checklists"), left)

    def _written(self, of: _Section) -> Html:
        """A part, with links to what it holds where that is more than one thing."""
        own = identity("s", of.key)
        links = [*of.others, *((table_id(table), table.title) for table in of.tables)]
        title = self.text(f"section.{of.key}")
        within = element(
            "nav", _list(links, "ul"), class_="part", aria_label=f"{self.text('in_part')} {title}"
        )
        # tables of annexes come from the tables of figures and the scenarios; they may be very long
        from_run = of.key not in ("hypotheses", "method", "checklists")
        source = self.source if from_run else ""
        intro, rest = (of.before, ()) if not of.others else (of.before[:1], of.before[1:])
        return element(
            "section",
            element("h2", title, id=f"{own}-title"),
            *intro,
            within if len(links) > 1 else Html(),
            *rest,
            *(
                joined(html_table(table, self.language, source, folds=not from_run), Html("\n"))
                for table in of.tables
            ),
            *of.after,
            element("p", element("a", f"↑ {self.text('contents')}", href=f"#{_CONTENTS}"), class_="up"),
            id=own,
            class_=of.key,
            aria_labelledby=f"{own}-title",
        )

    def _lead(self, key: str) -> list[Html]:
        return [element("p", prose(self.text(f"lead.{key}")))]

    def _summary(self) -> list[Html]:
        """What each scenario gives, a sentence each."""
        told = findings(self.run.plan, self.run.indicators, self.run.net_costs, self.language)
        return [*self._lead("summary"), element("ul", *(element("li", clause) for clause in told))]

    def _sure(self) -> list[Html]:
        """How sure that is: noise, or why it is not known, hypotheses, marks, and what lies out of sight."""
        plan = self.run.plan
        sure = [self.facts.values["uncertainty"], self.text("sure.hypotheses"), self.text("sure.marks")]
        if plan.sample > 1:
            sure.insert(0, label("answers.sample", self.language, sample=plan.sample))
        sure += late_dates(plan, self.language)
        return [
            element("h3", self.text("sure.title")),
            element("div", *(element("p", prose(sentence)) for sentence in sure), class_="sure"),
        ]

    def _method(self) -> list[Html]:
        """What is simulated, in plain words."""
        steps = labels_under("report.method", self.language)
        paragraphs = [element("p", self.text(f"method.{step}")) for step in steps]
        return [
            *paragraphs,
            element("p", self.text("again"), " ", element("code", self.facts.values["command"])),
        ]

    def _pictures(self) -> Iterator[tuple[str, Html]]:
        """The pictures that the run wrote, by the name of their files, each beside a link to its figures."""
        for name, key, table in _DRAWN:
            address = picture(self.run.folder / _PICTURES, name)
            if not address:
                continue
            title = label(f"figure.{key}.title", self.language)
            of = (self.note | self.answers)[table]
            link = element("a", of.title, href=f"#{table_id(of)}")
            image = element("img", src=address, alt=f"{title}. {self.text('alt')} {of.title}")
            yield (
                name,
                element(
                    "figure",
                    element("div", image, class_="box", role="region", tabindex="0", aria_label=title),
                    element("figcaption", self.text("figures_in"), " ", link, class_="note"),
                    id=_picture_id(name),
                ),
            )


def picture(folder: Path, name: str) -> str:
    """A picture of a folder as an address that holds it whole; nothing where there is none.

    Raises InputError where it is there and cannot be read.
    """
    for kind, media in _KINDS.items():
        file = folder / f"{name}.{kind}"
        if not file.is_symlink() and not file.exists():
            continue
        try:
            data = content(file, most=_MOST_BYTES)
        except OSError as error:
            raise InputError(
                file=str(file),
                found=Words(error.strerror or "an error"),
                expected="a picture that `cepsim run` wrote",
            ) from None
        return f"data:{media};base64,{b64encode(data).decode('ascii')}"
    return ""


def _picture_id(name: str) -> str:
    return identity("p", name)


def _list(links: Sequence[tuple[str, str]], kind: str) -> Html:
    """Links to anchors of the document, by their names."""
    return element(kind, *(element("li", element("a", name, href=f"#{anchor}")) for anchor, name in links))
