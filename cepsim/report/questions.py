"""The questions left open in October 2013, with what a run answers, and the hypotheses to settle first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from cepsim.labels import label
from cepsim.report.cells import millions, number, row_of, share
from cepsim.report.table import Table
from cepsim.scenario.vocabulary import ACCOUNT_HOLDERS, PRIVATE_EMPLOYEES

if TYPE_CHECKING:
    from cepsim.report.note import Note

_ALL: Final = "all"
_PILOTS: Final = "regions-pilotes"
Kind = Literal["compare", "coverage", "volumes", "excluded", "said"]


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a slide, and how it is answered.

    `compare`: the figures of `scenario` beside those of `base`; `coverage`: the share of `public` served
    under `scenario`; `volumes`: bilans and CIF requests of `scenario` beside those of `base`; `excluded`: who
    leaves for lack of hours under `scenario`, by public; `said`: by a sentence, since no scenario tells.
    `operator` is the one whose waits are given; `caveat` says that the label `note.caveat.<name>` follows the
    figures.
    """

    slide: int
    name: str
    kind: Kind = "said"
    scenario: str = ""
    base: str = ""
    public: str = ""
    operator: str = "opacif"
    caveat: bool = False


QUESTIONS: Final = (
    Question(2, "neutrality", "compare", "conseil-separe-du-financeur", "sans-ingenierie", caveat=True),
    Question(3, "target_publics", "compare", "universel", "central"),
    Question(3, "legal_floor", "compare", "premiere-vague", "loi-2013", operator="pole_emploi"),
    Question(3, "precarious"),
    Question(3, "means", "compare", "central-dimensionne", "central"),
    Question(3, "public_servants", "coverage", "universel", public="agents_publics"),
    Question(3, "leavers", "coverage", "universel", public="sortants_formation_initiale"),
    Question(3, "self_employed", "coverage", "universel", public="independants"),
    Question(3, "mutualised_or_cpf", "compare", "cpf", "central", caveat=True),
    Question(6, "remote", "compare", "a-distance", "central", caveat=True),
    Question(6, "working_time", "compare", "hors-temps-de-travail", "central", caveat=True),
    Question(8, "entry_criteria", "compare", "entree-ciblee", "central"),
    Question(8, "quality"),
    Question(8, "prescription"),
    Question(8, "engineering", "compare", "sans-ingenierie", "central", caveat=True),
    Question(8, "delays", "compare", "central", "reference"),
    Question(8, "free_or_cpf", "compare", "cpf", "central", caveat=True),
    Question(8, "excluded_by_cpf", "excluded", "cpf", caveat=True),
    Question(8, "experiments", "compare", "regions-pilotes", "central"),
    Question(8, "bilans_and_cif", "volumes", "central", "reference", caveat=True),
    Question(8, "local_shocks", "compare", "choc-chomage", "central", operator="pole_emploi"),
    Question(8, "pole_emploi"),
    Question(8, "professional_interviews", "compare", "entretiens-pro", "central"),
    Question(9, "depth", "compare", "bilan-module", "central", caveat=True),
    Question(9, "synthesis", "compare", "bilan-module", "central", caveat=True),
    Question(9, "intensity", "compare", "approfondi", "central"),
)
#: Who leaves since his account does not hold the hours charged.
_LEAVES: Final = "exit_excluded_after_served"
#: Hypotheses to settle first: the load, the paths and the prices hang on them. Chosen by judgement.
_TO_SETTLE: Final = (
    "demand.all.cep.induced_demand_at_full_awareness",
    "stages.conseil.interviews.salaries.all.centrale.all",
    "stages.accueil.p_conseil.salaries.all.centrale.all",
    "operators.opacif.advisers_fte",
    "stages.ingenierie.project_mix.salaries.all.centrale.formation",
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
    if of.scenario == _PILOTS and all(region.pilot for region in note.regions):
        return label("note.answer.all_pilots", note.language)
    tell = {"coverage": _coverage, "volumes": _volumes, "compare": _compared, "excluded": _excluded}
    told = tell[of.kind](note, of)
    return f"{told} {label(f'note.caveat.{of.name}', note.language)}" if of.caveat else told


def _compared(note: Note, of: Question) -> str:
    at = {"operator": of.operator, "stage": "accueil"}
    plain, parts = number(note.language), share(note.language)
    working_days, money = number(note.language, 1), millions(note.language)
    told = {}
    for key, name in (("its", of.scenario), ("other", of.base)):
        frame = note.of(name)
        for what, write, keys in (
            ("received", plain, {"indicator": "received"}),
            ("p50", working_days, {**at, "indicator": "wait_p50_working_days"}),
            ("p90", working_days, {**at, "indicator": "wait_p90_working_days"}),
            ("lost", parts, {**at, "indicator": "share_lost"}),
        ):
            told[f"{key}_{what}"] = note.value(frame, write, keys, interval=False)
        for what in ("net", "new_money"):
            row = row_of(note.net(what), scenario=name, cut="total")
            # the reference is what costs are net of
            told[f"{key}_{what}"] = money(0.0 if row is None else float(row["mean"]))
    titles = {"title": note.scenario(of.scenario), "base": note.scenario(of.base)}
    return label(
        "note.answer.compare",
        note.language,
        period=note.period(),
        operator=note.operator(of.operator),
        **titles,
        **told,
    )


def _coverage(note: Note, of: Question) -> str:
    last = str(note.years[-1])
    nobody, nothing = number(note.language)(0), label("note.answer.no_stock", note.language)
    plain, keys = number(note.language), {"indicator": "received", "public": of.public}
    yearly = {"indicator": "coverage_served", "public": of.public, "period": last}
    return label(
        "note.answer.coverage",
        note.language,
        title=note.scenario(of.scenario),
        year=last,
        period=note.period(),
        public=label(f"public.{of.public}", note.language),
        value=_or(nothing, note.value(note.of(of.scenario, period=last), share(note.language), yearly)),
        received=_or(nobody, note.value(note.of(of.scenario), plain, keys, interval=False)),
        reference=_or(nobody, note.value(note.of(note.scenarios[0]), plain, keys, interval=False)),
    )


def _or(instead: str, told: str) -> str:
    """What was told, or this where there was nothing to tell."""
    return instead if told == "–" else told


def _volumes(note: Note, of: Question) -> str:
    plain, told = number(note.language), {}
    for key, name in (("its", of.scenario), ("other", of.base)):
        for measure, operator in (("bilans", _ALL), ("cif_requests", "opacif")):
            keys = {"indicator": measure, "operator": operator}
            told[f"{key}_{measure}"] = note.value(note.of(name), plain, keys, interval=False)
    titles = {"title": note.scenario(of.scenario), "base": note.scenario(of.base)}
    return label("note.answer.volumes", note.language, period=note.period(), **titles, **told)


def _excluded(note: Note, of: Question) -> str:
    frame, plain = note.of(of.scenario), number(note.language)
    nobody = plain(0)

    def told(indicator: str, public: str = _ALL) -> str:
        # they leave on entering conseil, hence from the accueil
        stage = "accueil" if indicator == _LEAVES else _ALL
        keys = {"indicator": indicator, "public": public, "stage": stage}
        return _or(nobody, note.value(frame, plain, keys, interval=False))

    yearly = [
        _or(
            nobody,
            note.value(
                note.of(of.scenario, period=year),
                plain,
                {"indicator": _LEAVES, "stage": "accueil", "period": year},
                interval=False,
            ),
        )
        for year in map(str, note.years)
    ]
    by_employees = {"indicator": "bilans", "operator": _ALL, "stage": _ALL, "team": _ALL}
    asked = [row_of(frame, public=public, period=_ALL, **by_employees) for public in PRIVATE_EMPLOYEES]
    by_public = [(public, told(_LEAVES, public)) for public in ACCOUNT_HOLDERS]
    listed = [f"{label(f'public.{name}', note.language)} {n}" for name, n in by_public if n != nobody]
    return label(
        "note.answer.excluded",
        note.language,
        title=note.scenario(of.scenario),
        period=note.period(),
        people=told(_LEAVES),
        entered=told("conseil_entered"),
        publics=", ".join(listed) or nobody,
        bilans=told("bilans_excluded"),
        yearly=", ".join(yearly),
        asked=plain(sum(float(row["mean"]) for row in asked if row is not None)),
    )


def to_settle(note: Note) -> Table:
    """Five hypotheses on which the figures hang, as the tables have them."""
    rows = []
    tables = note.tables_of(note.main)
    for id_ in _TO_SETTLE:
        figure = tables.figure(id_)
        write = number(note.language, 2 if figure.high < 10 else 0)
        rows.append(
            (
                note.said(f"settle.{id_.replace('.', '_')}"),
                write(figure.low),
                write(figure.mode),
                write(figure.high),
                label(f"unit.{figure.unit}", note.language),
                label(f"confidence.{figure.confidence}", note.language),
                id_,
            )
        )
    names = ("hypothesis", "low", "mode", "high", "unit", "confidence", "id")
    return note.noted("to_settle", [note.said(f"to_settle.{name}") for name in names], rows)
