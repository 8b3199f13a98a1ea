"""The questions left open in October 2013, each with what a run answers to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from cepsim.labels import label
from cepsim.report.cells import cell, millions, number, row_of, share

if TYPE_CHECKING:
    from cepsim.report.note import Note

_ALL: Final = "all"
Kind = Literal["compare", "coverage", "volumes", "said"]


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a slide, and how it is answered.

    `compare`: the figures of `scenario` beside those of `base`; `coverage`: the share of `public` served
    under `scenario`; `volumes`: bilans and CIF requests of `scenario` beside those of `base`; `said`: by a
    sentence, since no scenario tells.
    """

    slide: int
    name: str
    kind: Kind = "said"
    scenario: str = ""
    base: str = ""
    public: str = ""


QUESTIONS: Final = (
    Question(3, "target_publics", "compare", "universel", "central"),
    Question(3, "legal_floor", "compare", "premiere-vague", "loi-2013"),
    Question(3, "precarious"),
    Question(3, "means", "compare", "central-dimensionne", "central"),
    Question(3, "public_servants", "coverage", "universel", public="agents_publics"),
    Question(3, "leavers", "coverage", "universel", public="sortants_formation_initiale"),
    Question(3, "self_employed", "coverage", "universel", public="independants"),
    Question(3, "mutualised_or_cpf"),
    Question(8, "entry_criteria", "compare", "entree-ciblee", "central"),
    Question(8, "quality"),
    Question(8, "prescription"),
    Question(8, "engineering", "compare", "sans-ingenierie", "central"),
    Question(8, "delays", "compare", "central", "reference"),
    Question(8, "free_or_cpf"),
    Question(8, "experiments", "compare", "regions-pilotes", "central"),
    Question(8, "bilans_and_cif", "volumes", "central", "reference"),
    Question(8, "local_shocks", "compare", "choc-chomage", "central"),
    Question(8, "pole_emploi"),
    Question(8, "professional_interviews", "compare", "entretiens-pro", "central"),
    Question(9, "depth"),
    Question(9, "synthesis"),
    Question(9, "intensity", "compare", "approfondi", "central"),
)


def questions(note: Note) -> list[tuple[str, ...]]:
    """A row a question: slide, question, answer."""
    return [
        (str(of.slide), label(f"note.question.{of.name}", note.language), _answer(note, of))
        for of in QUESTIONS
    ]


def _answer(note: Note, of: Question) -> str:
    missing = [name for name in (of.scenario, of.base) if name and name not in note.scenarios]
    if missing:
        return label("note.answer.not_run", note.language, scenarios=", ".join(missing))
    if of.kind == "said":
        return label(f"note.answer.{of.name}", note.language)
    if of.kind == "coverage":
        return _coverage(note, of)
    return _volumes(note, of) if of.kind == "volumes" else _compared(note, of)


def _compared(note: Note, of: Question) -> str:
    last = str(note.years[-1])
    at = {"operator": "opacif", "stage": "accueil"}
    plain, parts = number(note.language), share(note.language)
    working_days = number(note.language, 1)
    told = {}
    for key, name in (("its", of.scenario), ("other", of.base)):
        yearly, whole = note.of(name, period=last), note.of(name)
        told[f"{key}_received"] = note.value(
            yearly, plain, {"indicator": "received", "period": last}, interval=False
        )
        told[f"{key}_p50"] = note.value(
            whole, working_days, {**at, "indicator": "wait_p50_working_days"}, interval=False
        )
        told[f"{key}_lost"] = note.value(whole, parts, {**at, "indicator": "share_lost"}, interval=False)
        net = row_of(note.net("net"), scenario=name, cut="total")
        told[f"{key}_net"] = cell(net, millions(note.language), note.language, interval=False)
    titles = {"title": note.scenario(of.scenario), "base": note.scenario(of.base)}
    return label("note.answer.compare", note.language, year=last, **titles, **told)


def _coverage(note: Note, of: Question) -> str:
    last = str(note.years[-1])
    keys = {"indicator": "coverage_served", "public": of.public, "period": last}
    frame = note.of(of.scenario, period=last)
    value = note.value(frame, share(note.language), keys)
    received = note.value(frame, number(note.language), {**keys, "indicator": "received"})
    public = label(f"public.{of.public}", note.language)
    return label(
        "note.answer.coverage",
        note.language,
        title=note.scenario(of.scenario),
        year=last,
        public=public,
        value=value,
        received=received,
    )


def _volumes(note: Note, of: Question) -> str:
    last = str(note.years[-1])
    plain, told = number(note.language), {}
    for key, name in (("its", of.scenario), ("other", of.base)):
        frame = note.of(name, period=last)
        for measure, operator in (("bilans", _ALL), ("cif_requests", "opacif")):
            keys = {"indicator": measure, "operator": operator, "period": last}
            told[f"{key}_{measure}"] = note.value(frame, plain, keys, interval=False)
    titles = {"title": note.scenario(of.scenario), "base": note.scenario(of.base)}
    return label("note.answer.volumes", note.language, year=last, **titles, **told)
