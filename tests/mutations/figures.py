"""Bugs of the indicators and of the intervals over replications."""

from __future__ import annotations

from mutations.mutant import Mutant

_ESTIMATES = ("unit/test_indicators_estimates.py",)
_WAITS = ("unit/test_indicators_waits.py",)
_SUMMARY = ("unit/test_indicators_summary.py",)
_COUNTS = ("unit/test_indicators_counts.py",)


def _of(file: str, what: str, old: str, new: str, tests: tuple[str, ...], answer: str = "") -> Mutant:
    return Mutant(f"indicators/{file}.py", what, old, new, tests, answer)


FIGURES = (
    _of(
        "estimates",
        "who is still waiting at the end is at risk for ever",
        "at_risk -= called[curve, place] + lost[curve, place] + censored[curve, place]",
        "at_risk -= called[curve, place] + lost[curve, place]",
        _ESTIMATES,
    ),
    _of(
        "estimates",
        "who gives up was offered an interview",
        "waiting *= 1.0 - called_share",
        "waiting *= 1.0 - called_share - lost_share",
        _ESTIMATES,
    ),
    _of(
        "estimates",
        "curves are known for ever",
        "known[0][curve] = FOREVER if waiting <= _ROUNDING else last",
        "known[0][curve] = FOREVER",
        _ESTIMATES,
    ),
    _of(
        "estimates",
        "a quantile lies in the bin that has no end",
        "if position >= len(here) or position == len(bins) - 1:",
        "if position >= len(here):",
        _ESTIMATES,
    ),
    _of(
        "estimates",
        "a share is known a bin less",
        "if position <= known else None",
        "if position < known else None",
        _ESTIMATES,
    ),
    _of(
        "estimates",
        "the delay offered is known as far as who is lost",
        "offered_known=_least(self.offered_known, group, shape[0])",
        "offered_known=_least(self.known, group, shape[0])",
        (*_ESTIMATES, *_SUMMARY),
    ),
    _of(
        "estimates",
        "cohorts weigh the same",
        "total[group[curve]] += weight[curve]\n        means[group[curve]] += curves[curve] * weight[curve]",
        "total[group[curve]] += 1\n        means[group[curve]] += curves[curve]",
        (*_ESTIMATES, *_SUMMARY),
    ),
    _of(
        "waits",
        "who waits at launch enters at no age",
        "age = np.maximum(-part.joined, 0)",
        "age = np.maximum(0 * part.joined, 0)",
        _WAITS,
    ),
    _of(
        "waits",
        "who joined the norm before the end is not followed",
        "followed = days.between(region, joined, last_day) >= window.norm_days",
        "followed = days.between(region, joined, last_day) > window.norm_days",
        (*_WAITS, *_COUNTS),
    ),
    _of(
        "waits",
        "an offer on the last day of the norm is late",
        "np.minimum(offered, last_day)) <= window.norm_days",
        "np.minimum(offered, last_day)) < window.norm_days",
        (*_WAITS, *_COUNTS),
    ),
    _of(
        "waits",
        "first interviews of people who left count as unknown",
        "otherwise = np.where(leaving.has_left[person], int(End.LOST), int(End.CENSORED))",
        "otherwise = np.where(leaving.has_left[person], int(End.CENSORED), int(End.CENSORED))",
        _WAITS,
    ),
    _of(
        "waits",
        "the last call-in counts",
        "np.minimum.at(called, waits.person[received], waits.left[received])",
        "called[waits.person[received]] = waits.left[received]",
        _WAITS,
    ),
    _of(
        "episodes",
        "an absence is lost when its slot is over",
        "left = np.where(called | no_show, rows.called[last],",
        "left = np.where(called, rows.called[last],",
        _WAITS,
    ),
    _of(
        "episodes",
        "the last offer counts",
        "np.minimum.reduceat(first_call, first)",
        "np.maximum.reduceat(first_call, first)",
        _WAITS,
    ),
    _of(
        "episodes",
        "a further contact is a first one",
        "later = (rows.reason[first] == Reason.SERIES) | found.repeat[first]",
        "later = rows.reason[first] == Reason.SERIES",
        _WAITS,
    ),
    _of(
        "episodes",
        "whose slot is not over is lost",
        "(rows.ended[last] >= observed)",
        "(rows.ended[last] > observed + 86400)",
        _WAITS,
    ),
    _of(
        "backlog",
        "files wait where nobody serves",
        "waits = np.flatnonzero((last > first) & found.staffed)",
        "waits = np.flatnonzero(last > first)",
        (*_COUNTS, *_WAITS),
    ),
    _of(
        "window", "a cohort is four months", "self.launch.month - 1 + 3 * cohort",
        "self.launch.month - 1 + 4 * cohort", (*_WAITS, *_SUMMARY),
    ),
    _of(
        "working_days",
        "Saturdays are worked",
        "is_open[:, weekday >= _SATURDAY] = 0",
        "is_open[:, weekday > _SATURDAY] = 0",
        (*_WAITS, "unit/test_shifts.py"),
    ),
    _of(
        "bins", "no wait and a short one are one bin", "np.concatenate([[0, 1], minutes",
        "np.concatenate([[0], minutes", (*_WAITS, *_ESTIMATES),
    ),
    _of(
        "counts",
        "hours by use count once a person of the sample",
        'if name not in ("hours", "hours_by")',
        'if name not in ("hours",)',
        ("unit/test_sample.py",),
    ),
    _of(
        "leaving",
        "who leaves as the horizon ends has left",
        "gone = flags(crowd, exits.person[exits.second < window.end])",
        "gone = flags(crowd, exits.person[exits.second <= window.end])",
        (*_COUNTS, *_WAITS),
    ),
    _of(
        "outcomes",
        "of several waits the first counts",
        "np.where(called, rows, -rows)",
        "np.where(called, rows, rows)",
        ("unit/test_outcomes.py",),
    ),
    _of(
        "activity",
        "overtime occupies those on duty",
        'inside = (on_duty["used_s"] - on_duty["overtime_s"]) / on_duty["duty_s"]',
        'inside = on_duty["used_s"] / on_duty["duty_s"]',
        _SUMMARY,
    ),
    _of(
        "activity",
        "who does not come makes a load",
        'found[coming] = found[coming] * (1.0 - found["absent"].fillna(0.0))',
        'found[coming] = found[coming] * 1.0',
        (*_SUMMARY, "unit/test_loads.py"),
    ),
    _of(
        "equity",
        "the Gini index is one rank too far",
        "(2.0 * ranks - len(ordered) - 1.0)",
        "(2.0 * ranks - len(ordered))",
        ("unit/test_equity.py",),
    ),
    _of(
        "delays",
        "the wait of nine in ten is that of nineteen in twenty",
        '("p90", 0.9)',
        '("p90", 0.95)',
        (*_SUMMARY, *_WAITS),
    ),
    _of(
        "delays",
        "a share is over those called in",
        'rows(known, name, "share", known[measure] / entered, people=entered)',
        'rows(known, name, "share", known[measure] / known["called"].clip(1), people=entered)',
        _SUMMARY,
    ),
    _of(
        "intervals",
        "comparisons are forgotten",
        "risk = (1.0 - _CONFIDENCE) / comparisons",
        "risk = (1.0 - _CONFIDENCE) / 1",
        ("unit/test_paired.py",),
    ),
    _of(
        "intervals",
        "both sides have the whole risk",
        "student.ppf(1.0 - risk / 2.0,",
        "student.ppf(1.0 - risk,",
        (*_SUMMARY, "unit/test_paired.py"),
    ),
    _of(
        "intervals",
        "two replications have an interval",
        "np.where(size >= FEWEST_REPLICATIONS, size, np.nan)",
        "np.where(size >= FEWEST_REPLICATIONS - 1, size, np.nan)",
        (*_SUMMARY, "unit/test_paired.py"),
    ),
    _of(
        "summary",
        "a replication without a row is no nought",
        'n = np.where(found["additive"], len(runs), found["seen"])',
        'n = found["seen"].to_numpy()',
        _SUMMARY,
    ),
    _of(
        "summary",
        "a quantile reached once is reached",
        'reached=("reached", "all")',
        'reached=("reached", "any")',
        _SUMMARY,
    ),
    _of(
        "summary",
        "the deviation is divided by n",
        "np.sqrt(spread / np.maximum(n - 1, 1))",
        "np.sqrt(spread / n)",
        _SUMMARY,
    ),
    Mutant(
        "experiment/paired.py",
        "differences have the other sign",
        "_summed(second - first,",
        "_summed(first - second,",
        ("unit/test_paired.py",),
    ),
    Mutant(
        "experiment/paired.py",
        "a ratio forgets what varies together",
        "bottom**2 * top_2 - 2.0 * top * bottom * both",
        "bottom**2 * top_2",
        ("unit/test_paired.py",),
    ),
    Mutant(
        "experiment/precision.py",
        "the look-ahead is one longer",
        "        if n - since >= look_ahead(n):\n",
        "        if n - since > look_ahead(n):\n",
        ("unit/test_precision.py",),
    ),
    Mutant(
        "experiment/precision.py",
        "intervals do not hold together",
        "student.ppf(1 - rule.risk / count / 2, freedom)",
        "student.ppf(1 - rule.risk / 2, freedom)",
        ("unit/test_precision.py",),
    ),
    Mutant(
        "experiment/summed.py",
        "a cost that lacks is not nought",
        ".reindex(columns=range(len(frames))).fillna(0.0)",
        ".reindex(columns=range(len(frames)))",
        ("unit/test_experiment.py",),
    ),
)  # fmt: skip
