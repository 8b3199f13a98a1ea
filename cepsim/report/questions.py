"""The questions left open in October 2013, with what a run answers, and the hypotheses to settle first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from cepsim.labels import label
from cepsim.report.answering import SETTINGS, alone, opens_everywhere_at_launch, pair
from cepsim.report.cells import millions, number, row_of, share
from cepsim.report.table import Table
from cepsim.scenario.vocabulary import ACCOUNT_HOLDERS, PRIVATE_EMPLOYEES

if TYPE_CHECKING:
    from cepsim.report.note import Note

_ALL: Final = "all"
#: Other keys that differ between two scenarios: more than these are counted, not named.
_MOST_KEYS: Final = 4
Kind = Literal["compare", "coverage", "volumes", "excluded", "said"]


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a slide, and how it is answered.

    `compare`: the figures of a scenario beside those of another; `coverage`: the share of `public` served
    under one; `volumes`: bilans and CIF requests of one beside those of another; `excluded`: who leaves for
    lack of hours under one, by public; `said`: by a sentence, since no scenario tells. The scenarios are
    those of the run that set `answering.SETTINGS[name]`, or `of_main`, its main one and the reference.
    `operator` is the one whose waits are given; `caveat` says that the label `note.caveat.<name>` follows the
    figures.
    """

    slide: int
    name: str
    kind: Kind = "said"
    public: str = ""
    operator: str = "opacif"
    caveat: bool = False
    of_main: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """The names of the scenarios that answer, and other keys by which they differ."""

    scenario: str
    base: str = ""
    besides: tuple[str, ...] = ()


QUESTIONS: Final = (
    Question(2, "neutrality", "compare", caveat=True),
    Question(3, "target_publics", "compare"),
    Question(3, "legal_floor", "compare", operator="pole_emploi"),
    Question(3, "precarious"),
    Question(3, "means", "compare"),
    Question(3, "public_servants", "coverage", public="agents_publics"),
    Question(3, "leavers", "coverage", public="sortants_formation_initiale"),
    Question(3, "self_employed", "coverage", public="independants"),
    Question(3, "mutualised_or_cpf", "compare", caveat=True),
    Question(6, "remote", "compare", caveat=True),
    Question(6, "working_time", "compare", caveat=True),
    Question(8, "entry_criteria", "compare"),
    Question(8, "quality"),
    Question(8, "prescription"),
    Question(8, "engineering", "compare", caveat=True),
    Question(8, "delays", "compare", of_main=True),
    Question(8, "free_or_cpf", "compare", caveat=True),
    Question(8, "excluded_by_cpf", "excluded", caveat=True),
    Question(8, "experiments", "compare"),
    Question(8, "bilans_and_cif", "volumes", caveat=True, of_main=True),
    Question(8, "local_shocks", "compare", operator="pole_emploi"),
    Question(8, "pole_emploi"),
    Question(8, "professional_interviews", "compare"),
    Question(9, "depth", "compare", caveat=True),
    Question(9, "synthesis", "compare", caveat=True),
    Question(9, "intensity", "compare"),
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
    if of.kind == "said":
        # of these values, each answer takes those that it says
        attributes = label("note.attributes.title", note.language)
        return label(f"note.answer.{of.name}", note.language, attributes=attributes)
    chosen = _of_main(note) if of.of_main else _chosen(note, of)
    if isinstance(chosen, str):
        return chosen
    tell = {"coverage": _coverage, "volumes": _volumes, "compare": _compared, "excluded": _excluded}
    told = [tell[of.kind](note, of, chosen)]
    if of.caveat:
        told.append(label(f"note.caveat.{of.name}", note.language))
    if chosen.besides:
        told.append(_also(note, chosen.besides))
    return " ".join(told)


def _of_main(note: Note) -> Chosen | str:
    """The main scenario beside the reference; or that there is no other."""
    reference = note.scenarios[0]
    if note.main == reference:
        words = label("scenario.waves", note.language)
        to_add = _to_add(note, "central", reference)
        return label("note.answer.no_scenario", note.language, words=words, setting="waves", to_add=to_add)
    return Chosen(note.main, reference)


def _chosen(note: Note, of: Question) -> Chosen | str:
    """The scenarios of the run that answer; or what it would take."""
    setting, scenarios = SETTINGS[of.name], note.run.plan.scenarios
    if of.kind in ("coverage", "excluded"):
        one = alone(scenarios, setting, note.main)
        if one is not None:
            return Chosen(one.name)
    else:
        found = pair(scenarios, setting)
        if found is not None:
            if of.name == "experiments" and opens_everywhere_at_launch(found.scenario, note.run.plan.regions):
                return label("note.answer.all_pilots", note.language)
            return Chosen(found.scenario.name, found.base.name, found.besides)
    there = [note.scenario(scenario.name) for scenario in scenarios if setting.holds(scenario)]
    named = [label(f"scenario.{field}", note.language) for field in setting.fields if field in setting.key]
    told = {"words": ", ".join(named), "setting": setting.key}
    if there:
        return label("note.answer.no_base", note.language, title=there[0], base=setting.shipped[-1], **told)
    return label("note.answer.no_scenario", note.language, to_add=_to_add(note, *setting.shipped), **told)


def _to_add(note: Note, scenario: str, base: str = "") -> str:
    """What a run lacks to answer: a scenario, or that and the one that it is held against."""
    kind = "alone" if not base else "beside" if base in note.scenarios else "both"
    return label(f"note.answer.to_add.{kind}", note.language, scenario=scenario, base=base)


def _also(note: Note, keys: tuple[str, ...]) -> str:
    """By what else two scenarios differ: the difference is that of all of it."""
    more = len(keys) - _MOST_KEYS
    named = ", ".join(keys[:_MOST_KEYS])
    kind = "also_many" if more > 0 else "also"
    return label(f"note.answer.{kind}", note.language, keys=named, more=more)


def _compared(note: Note, of: Question, chosen: Chosen) -> str:
    at = {"operator": of.operator, "stage": "accueil"}
    plain, parts = number(note.language), share(note.language)
    working_days, money = number(note.language, 1), millions(note.language)
    told = {}
    for key, name in (("its", chosen.scenario), ("other", chosen.base)):
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
    titles = {"title": note.scenario(chosen.scenario), "base": note.scenario(chosen.base)}
    return label(
        "note.answer.compare",
        note.language,
        period=note.period(),
        operator=note.operator(of.operator),
        **titles,
        **told,
    )


def _coverage(note: Note, of: Question, chosen: Chosen) -> str:
    last = str(note.years[-1])
    nobody, nothing = number(note.language)(0), label("note.answer.no_stock", note.language)
    plain, keys = number(note.language), {"indicator": "received", "public": of.public}
    yearly = {"indicator": "coverage_served", "public": of.public, "period": last}
    return label(
        "note.answer.coverage",
        note.language,
        title=note.scenario(chosen.scenario),
        year=last,
        period=note.period(),
        public=label(f"public.{of.public}", note.language),
        value=_or(nothing, note.value(note.of(chosen.scenario, period=last), share(note.language), yearly)),
        received=_or(nobody, note.value(note.of(chosen.scenario), plain, keys, interval=False)),
        reference=_or(nobody, note.value(note.of(note.scenarios[0]), plain, keys, interval=False)),
    )


def _or(instead: str, told: str) -> str:
    """What was told, or this where there was nothing to tell."""
    return instead if told == "–" else told


def _volumes(note: Note, _of: Question, chosen: Chosen) -> str:
    plain, told = number(note.language), {}
    for key, name in (("its", chosen.scenario), ("other", chosen.base)):
        for measure, operator in (("bilans", _ALL), ("cif_requests", "opacif")):
            keys = {"indicator": measure, "operator": operator}
            told[f"{key}_{measure}"] = note.value(note.of(name), plain, keys, interval=False)
    titles = {"title": note.scenario(chosen.scenario), "base": note.scenario(chosen.base)}
    return label("note.answer.volumes", note.language, period=note.period(), **titles, **told)


def _excluded(note: Note, _of: Question, chosen: Chosen) -> str:
    frame, plain = note.of(chosen.scenario), number(note.language)
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
                note.of(chosen.scenario, period=year),
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
        title=note.scenario(chosen.scenario),
        period=note.period(),
        people=told(_LEAVES),
        deterred=told("deterred"),
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
