"""Which scenarios of a run answer a question: found by what they set, whatever they are called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from cepsim.scenario import Scenario, diff
from cepsim.scenario.vocabulary import AUTONOMY, JOB_SEEKERS, PRIVATE_EMPLOYEES, Public

Holds = Callable[[Scenario], bool]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a scenario sets to answer a question.

    `key` is what to write in a file, `fields` the dotted keys that it moves. A scenario that `holds` it is
    held against one that is a `base`: by default, one that opens CEP without it. `shipped` are the names of
    scenarios that do.
    """

    key: str
    fields: tuple[str, ...]
    holds: Holds
    shipped: tuple[str, ...]
    base: Holds | None = None

    def is_base(self, scenario: Scenario) -> bool:
        """Whether a scenario may be what another is held against."""
        if self.base is not None:
            return self.base(scenario)
        return bool(scenario.waves) and not self.holds(scenario)


@dataclass(frozen=True, slots=True)
class Pair:
    """A scenario that sets what is asked, the one that it is held against, and what else differs."""

    scenario: Scenario
    base: Scenario
    besides: tuple[str, ...]


def admits(*publics: Public) -> Holds:
    """Whether a scenario admits somebody of one of these publics."""
    return lambda scenario: any(set(publics) & set(wave.publics) for wave in scenario.waves)


def pair(scenarios: Sequence[Scenario], setting: Setting) -> Pair | None:
    """The scenario that sets this and its base: of all pairs, the two that differ least; None without one.

    Of pairs that differ as much, the first of the run.
    """
    found = [
        Pair(one, other, _besides(one, other, setting.fields))
        for one in scenarios
        if setting.holds(one)
        for other in scenarios
        if other is not one and setting.is_base(other)
    ]
    return min(found, key=lambda of: len(of.besides), default=None)


def alone(scenarios: Sequence[Scenario], setting: Setting, main: str) -> Scenario | None:
    """The scenario that sets this, the nearest to the main one of the run; None without one."""
    (of,) = (scenario for scenario in scenarios if scenario.name == main)
    holding = [scenario for scenario in scenarios if setting.holds(scenario)]
    return min(holding, key=lambda one: len(_besides(one, of, setting.fields)), default=None)


def opens_everywhere_at_launch(scenario: Scenario, regions: Sequence[str]) -> bool:
    """Whether each of these regions is opened at launch by some wave."""
    launch = scenario.calendar.launch_date
    first = [wave for wave in scenario.waves if wave.from_date is None or wave.from_date <= launch]
    return all(any(wave.regions == "all" or code in wave.regions for wave in first) for code in regions)


def _besides(one: Scenario, other: Scenario, fields: Sequence[str]) -> tuple[str, ...]:
    """The keys that differ, but for those of the setting."""
    return tuple(key for key, _, _ in diff(other, one) if key not in fields)


_CHARGED: Final = Setting(
    "financing.charged_to_cpf",
    ("financing.charged_to_cpf",),
    lambda s: bool(s.financing.charged_to_cpf),
    ("cpf", "central"),
)
_MODULE: Final = Setting(
    'service.bilan = "module"',
    ("service.bilan",),
    lambda s: s.service.bilan == "module",
    ("bilan-module", "central"),
)
_PERIMETER: Final = (
    "waves",
    "demand.publics_with_base_demand",
    "demand.publics_who_wait_for_admission",
)


def _public(public: Public) -> Setting:
    return Setting(f'waves.publics, "{public}"', _PERIMETER, admits(public), ("universel",))


#: By question of the note: what a scenario sets to answer it.
SETTINGS: Final[dict[str, Setting]] = {
    "neutrality": Setting(
        "service.financer_apart = true",
        ("service.financer_apart",),
        lambda s: s.service.financer_apart,
        ("conseil-separe-du-financeur", "sans-ingenierie"),
    ),
    "target_publics": Setting(
        'waves.publics, "agents_publics"', _PERIMETER, admits("agents_publics"), ("universel", "central")
    ),
    "legal_floor": Setting(
        'waves.publics, "de_autres"',
        _PERIMETER,
        admits(*JOB_SEEKERS),
        ("premiere-vague", "loi-2013"),
        lambda s: admits(*PRIVATE_EMPLOYEES)(s) and not admits(*JOB_SEEKERS)(s),
    ),
    "means": Setting(
        "staff.changes",
        ("staff.changes",),
        lambda s: sum(change.etp for change in s.staff.changes) > 0,
        ("central-dimensionne", "central"),
    ),
    "public_servants": _public("agents_publics"),
    "leavers": _public("sortants_formation_initiale"),
    "self_employed": _public("independants"),
    "mutualised_or_cpf": _CHARGED,
    "remote": Setting(
        "service.remote_first = true",
        ("service.remote_first",),
        lambda s: s.service.remote_first,
        ("a-distance", "central"),
    ),
    "working_time": Setting(
        "staff.shifts",
        (
            "staff.shifts",
            "figures.stages.accueil.share_on_working_time.salaries.all.all.all",
            "figures.stages.conseil.share_on_working_time.salaries.all.all.all",
        ),
        lambda s: bool(s.staff.shifts),
        ("hors-temps-de-travail", "central"),
    ),
    "entry_criteria": Setting(
        "service.conseil_for",
        ("service.conseil_for", "service.priority_publics"),
        lambda s: len(s.service.conseil_for) < len(AUTONOMY),
        ("entree-ciblee", "central"),
    ),
    "engineering": Setting(
        'service.engineering = "out"',
        ("service.engineering",),
        lambda s: s.service.engineering == "out",
        ("sans-ingenierie", "central"),
    ),
    "free_or_cpf": _CHARGED,
    "excluded_by_cpf": Setting(
        'financing.charged_to_cpf, financing.cpf_short = "excluded"',
        ("financing.charged_to_cpf", "financing.cpf_short"),
        lambda s: s.financing.excludes,
        ("cpf",),
    ),
    "experiments": Setting(
        "waves.regions",
        ("waves",),
        lambda s: any(wave.regions != "all" for wave in s.waves),
        ("regions-pilotes", "central"),
    ),
    "local_shocks": Setting(
        "demand.shocks",
        ("demand.shocks",),
        lambda s: bool(s.demand.shocks),
        ("choc-chomage", "central"),
    ),
    "professional_interviews": Setting(
        "demand.professional_interviews = true",
        ("demand.professional_interviews",),
        lambda s: s.demand.professional_interviews,
        ("entretiens-pro", "central"),
    ),
    "depth": _MODULE,
    "synthesis": _MODULE,
    "intensity": Setting(
        'service.intensity = "approfondie"',
        ("service.intensity",),
        lambda s: s.service.intensity == "approfondie",
        ("approfondi", "central"),
    ),
}
