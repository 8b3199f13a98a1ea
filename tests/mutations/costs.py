"""Bugs of what is counted before prices, of the ledger and of what is compared."""

from __future__ import annotations

from mutations.mutant import Mutant

_LEDGER = ("unit/test_costing_ledger.py",)
_COMPARE = ("unit/test_costing_compare.py",)
_QUANTITIES = ("unit/test_costing_quantities.py",)
_FUND = ("unit/test_costing_fund.py",)
_PARTS = ("unit/test_costing_parts.py",)


def _of(file: str, what: str, old: str, new: str, tests: tuple[str, ...], answer: str = "") -> Mutant:
    return Mutant(f"costing/{file}.py", what, old, new, tests, answer)


COSTS = (
    _of(
        "ledger",
        "halves of a cent are lost",
        "(2 * value * top + bottom) // (2 * bottom)",
        "(value * top) // bottom",
        _LEDGER,
    ),
    _of("ledger", "what accounts pay is paid twice", "-relief[:, rank]", "relief[:, rank]", _LEDGER),
    _of(
        "ledger",
        "the same people count twice",
        'people=("people", "max")',
        'people=("people", "sum")',
        _LEDGER,
    ),
    _of(
        "payers",
        "posts in place have the payers of new ones",
        "if character in _NEW and nature.startswith(_OF_POSTS)",
        "if nature.startswith(_OF_POSTS)",
        _LEDGER,
    ),
    _of(
        "payers",
        "the leave pays the plan's bilans",
        '"bilan_plan": ("bilan", "route_plan_de_formation")',
        '"bilan_plan": ("bilan", "route_conge_opacif")',
        ("unit/test_employer_bilans.py", "unit/test_bilan_seniority.py"),
    ),
    _of(
        "payers",
        "hours that employers give are paid by regions",
        '"working_time_given": ("working_time", "hours_given")',
        '"working_time_given": ("regions", "coordination")',
        _LEDGER,
    ),
    _of(
        "compare",
        "bilans of the reference count as those of the scenario",
        'today = rows["quantity"] * rows["sign"] *',
        'today = rows["quantity"] *',
        (*_COMPARE, "unit/test_shipped_money.py"),
    ),
    _of("compare", "more bilans are no saving", '.transform("sum") < 0)', '.transform("sum") > 0)', _COMPARE),
    _of(
        "compare",
        "lent posts are new money",
        "nature.isin(CAPACITY) & ((character == MOVED) | lent)",
        "nature.isin(CAPACITY) & (character == MOVED)",
        _COMPARE,
    ),
    _of(
        "compare",
        "wages paid anyway are new money",
        "nature.isin([WORKING_TIME, INFORMED])",
        "nature.isin([INFORMED])",
        _COMPARE,
    ),
    _of(
        "compare",
        "time given back is taken off",
        'table["amount_cents"] + table["given_back"] * hour',
        'table["amount_cents"] - table["given_back"] * hour',
        _COMPARE,
    ),
    _of(
        "compare",
        "idle time is used",
        'on_duty = table["used"] + table["idle"]',
        'on_duty = table["used"]',
        _COMPARE,
    ),
    _of(
        "quantities",
        "time outside direct service is forgotten",
        'paid["outside_s"] = total - paid["duty_s"].to_numpy().astype(np.int64)',
        'paid["outside_s"] = 0 * total',
        _QUANTITIES,
    ),
    _of(
        "quantities",
        "overtime counts twice",
        '(used["used_s"] - used["overtime_s"]).to_numpy()',
        'used["used_s"].to_numpy()',
        _QUANTITIES,
    ),
    _of(
        "quantities",
        "time outside direct service stays with CEP",
        'lent &= rows["quantity"].isin(["idle_s", "outside_s"])',
        'lent &= rows["quantity"].isin(["idle_s"])',
        _QUANTITIES,
    ),
    _of(
        "quantities",
        "new posts are lent",
        '[STAFF_CHARACTERS["existing"], STAFF_CHARACTERS["redeployed"]]',
        "list(STAFF_CHARACTERS.values())",
        _QUANTITIES,
    ),
    _of(
        "posts",
        "training before opening falls in the year of opening",
        "when = year - 1 if year == opening else year",
        "when = year",
        _QUANTITIES,
    ),
    _of(
        "posts",
        "a part of a year has the departures of a year",
        "replaced = leaving * level * part[year]",
        "replaced = leaving * level",
        _QUANTITIES,
    ),
    _of(
        "posts",
        "tools are paid in the year of launch",
        "before = deployment.horizon.launch.year - 1",
        "before = deployment.horizon.launch.year",
        _QUANTITIES,
    ),
    _of(
        "posts",
        "a part of a year has a year of coordination",
        '("operators.regions.coordination_fte_per_region").mode * part[year]',
        '("operators.regions.coordination_fte_per_region").mode',
        _QUANTITIES,
    ),
    _of(
        "posts",
        "posts taken away are forgotten",
        "values[:, column] -= taken",
        "values[:, column] -= 0 * taken",
        _QUANTITIES,
    ),
    _of(
        "people",
        "an interview of a series is a first one",
        "return np.asarray(rows[is_first & ~goes_on[rows]])",
        "return np.asarray(rows[is_first])",
        _QUANTITIES,
    ),
    _of(
        "people",
        "a call that finds the line full is paid",
        "~among(visits.outcome, (Outcome.CLOSED, Outcome.FULL))",
        "~among(visits.outcome, (Outcome.CLOSED,))",
        _QUANTITIES,
    ),
    _of(
        "people",
        "web visits are a share of contacts",
        "* share / (1.0 - share))",
        "* share)",
        _QUANTITIES,
    ),
    _of(
        "people",
        "a formalisation takes no working time",
        '(np.isin(stage, ("conseil", "formalisation")), crowd.time_conseil)',
        '(np.isin(stage, ("conseil",)), crowd.time_conseil)',
        _QUANTITIES,
    ),
    _of(
        "people",
        "wages given are new money",
        "new = 0 if quantity.startswith(_NEVER_NEW) else crowd.induced[person]",
        "new = crowd.induced[person]",
        _QUANTITIES,
    ),
    _of(
        "people",
        "working time begins with the wait",
        "seconds = visits.ended[working_time] - visits.called[working_time]",
        "seconds = visits.ended[working_time] - visits.joined[working_time]",
        _QUANTITIES,
    ),
    _of(
        "parts",
        "the smallest remainder is served",
        "np.argsort(-(exact - whole)",
        "np.argsort((exact - whole)",
        _PARTS,
    ),
    _of(
        "parts",
        "what was given too much stays",
        "+= np.minimum(lacking, 0)",
        "+= 0 * np.minimum(lacking, 0)",
        _PARTS,
    ),
    _of(
        "euros",
        "prices do not compound",
        "(1.0 + growth) ** later",
        "1.0 + growth * later",
        ("unit/test_costing_budget.py", *_LEDGER),
    ),
    _of(
        "mutualised",
        "the fund pays what accounts paid",
        'due = np.maximum(owed - table["accounts_cents"].to_numpy(), 0)',
        "due = np.maximum(owed, 0)",
        _FUND,
    ),
    _of(
        "mutualised",
        "the envelope bounds nothing",
        "if due[of_year].sum() > envelope:",
        "if due[of_year].sum() > 2 * envelope:",
        _FUND,
    ),
    _of(
        "mutualised",
        "the fund pays the year before launch",
        'table[(table["year"] >= first) &',
        'table[(table["year"] >= first - 1) &',
        _FUND,
    ),
)  # fmt: skip
