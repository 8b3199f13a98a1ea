"""Numbers that follow from others, or stand in two tables: are they still the same?

A scenario that replaces a figure may leave behind another one that was derived from it. Each agreement
computes the second from the first and compares.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cepsim.tables.store import PRIVATE_PUBLICS, Tables

#: Publics that ask from their stock, and those that ask after an event (suffix of the event's parameters).
_FROM_STOCK: Final = (
    "salaries_prives",
    "interimaires",
    "alternants_jeunes_contrats",
    "independants",
    "agents_publics",
    "de_fin_contrat_court",
    "de_autres",
)
_AFTER_EVENT: Final = {
    "de_licenciement_eco": "_hors_csp",
    "de_rupture_conventionnelle": "",
    "sortants_formation_initiale": "",
}
_REPEATS: Final = "demand.all.contacts.repeat_contact_share"

#: Share of contacts answered in the end, by which the shares asking for accueil were once solved.
_ANSWERED: Final = 0.95

#: The same number in two tables.
_TWICE: Final = (
    ("national.act_15_64", "publics.control.all_active.sum_of_stocks@check"),
    ("national.emp_15_64", "publics.control.all_employed.sum_of_stocks@check"),
    ("national.une_bit", "publics.control.all_unemployed.sum_of_stocks@check"),
    ("national.interim_etp", "publics.stock.interimaires.persons"),
    ("national.jeunes_contrats", "publics.stock.alternants_jeunes_contrats.persons"),
    ("national.cdd", "publics.control.salaries_cdd.private_plus_public@check"),
    ("national.act_reduite", "publics.control.all_employed.inscrits_en_activite_reduite@check"),
    (
        "demand.de_licenciement_eco.event.events_per_year_hors_csp",
        "publics.event.de_licenciement_eco.licenciements_hors_csp@check",
    ),
    (
        "demand.de_licenciement_eco.event.events_per_year_csp",
        "publics.event.de_licenciement_eco.entrees_csp@check",
    ),
    (
        "demand.de_rupture_conventionnelle.event.events_per_year",
        "publics.event.de_rupture_conventionnelle.ruptures_homologuees@check",
    ),
    (
        "demand.sortants_formation_initiale.event.events_per_year",
        "publics.event.sortants_formation_initiale.leavers@check",
    ),
    ("flows.ruptures_conv.all@check", "publics.event.de_rupture_conventionnelle.ruptures_homologuees@check"),
    ("calendar.session_max.collective", "stages.information.collective_group_size.all.all.all.all@check"),
    ("flows.saison_salaries.m08", "demand.salaries.season.august_index@check"),
)


@dataclass(frozen=True, slots=True)
class Agreement:
    """A number as its table has it, and as other figures give it.

    Attributes:
        id: the figure compared.
        rule: how it is computed, with ids and modes.
        written: its mode, in its unit.
        computed: what the rule gives, in the same unit.
        tolerance: greatest part of `written` by which they may differ: rounding.
    """

    id: str
    rule: str
    written: float
    computed: float
    tolerance: float

    @property
    def holds(self) -> bool:
        """Whether the two are the same but for rounding."""
        return math.isclose(self.written, self.computed, rel_tol=self.tolerance, abs_tol=1e-12)


def agreements(tables: Tables) -> list[Agreement]:
    """Every agreement of the tables, in the order of this module."""
    found = [_same(tables, id_, other) for id_, other in _TWICE]
    return [*found, *_requests(tables), *_totals(tables)]


def _same(tables: Tables, id_: str, other: str) -> Agreement:
    written, computed = tables.figure(id_), tables.figure(other)
    return Agreement(id_, f"= {other}", written.mode, computed.mode, 1e-9)


def _requests(tables: Tables) -> Iterator[Agreement]:
    """Contacts into first requests, and shares per contact into shares per person."""
    repeats = tables.figure(_REPEATS).mode
    rows = [(public, "stock", "") for public in _FROM_STOCK]
    rows += [(public, "event", suffix) for public, suffix in _AFTER_EVENT.items()]
    for public, basis, suffix in rows:
        start = f"demand.{public}.{basis}"
        contacts = tables.figure(f"{start}.information_contacts{suffix}")
        requests = tables.figure(f"{start}.first_requests{suffix}")
        rule = f"information_contacts{suffix} x (1 - {repeats:g})"
        yield Agreement(requests.id, rule, requests.mode, contacts.mode * (1 - repeats), 1e-3)
        asks = f"{start}.p_accueil{suffix}"
        if tables.has(asks):
            per_person = tables.figure(f"{start}.p_accueil_per_person{suffix}")
            rule = f"p_accueil{suffix} / (1 - {repeats:g})"
            yield Agreement(
                per_person.id, rule, per_person.mode, tables.figure(asks).mode / (1 - repeats), 1e-3
            )


def _totals(tables: Tables) -> Iterator[Agreement]:
    """Marks and controls recomputed from the rates, stocks and prices that lead to them."""
    yield from _opacif(tables)
    yield from _apec(tables)
    yield from _stocks(tables)
    yield from _commission(tables)


def _attendance(tables: Tables, population: str) -> float:
    """The share of appointments attended in the end: no-shows rebooked, as often as the calendar allows."""
    absent = tables.figure(f"stages.all.no_show.{population}.all.all.all").mode
    again = tables.figure("stages.all.rebook_after_no_show.all.all.all.all").mode
    times = round(tables.figure("calendar.rebook_max.all").mode)
    return float((1 - absent) * sum((absent * again) ** attempt for attempt in range(times + 1)))


def _staying(tables: Tables) -> float:
    """The share that stays through a week of waiting."""
    return 1 - tables.figure("stages.all.renege_hazard_waiting.salaries.all.all.all").mode


def _opacif(tables: Tables) -> Iterator[Agreement]:
    contacts = 0.0
    for public in PRIVATE_PUBLICS:
        own = f"demand.{public}.stock.information_contacts"
        rate = tables.figure(own if tables.has(own) else "demand.salaries_prives.stock.information_contacts")
        contacts += tables.figure(f"publics.stock.{public}.persons").mode * rate.mode
    total = tables.figure("demand.salaries_prives.control.opacif_contacts_total@check")
    rule = "stock x information_contacts, four private publics"
    yield Agreement(total.id, rule, total.mode, contacts, 1e-3)
    mark = tables.figure("demand.salaries_prives.control.received_per_contact@check")
    asks = tables.figure("demand.salaries_prives.stock.p_accueil").mode
    come, stay = _attendance(tables, "salaries"), _staying(tables)
    rule = f"p_accueil x {_ANSWERED:g} x {come:.3f} x {stay:g}"
    yield Agreement(mark.id, rule, mark.mode, asks * _ANSWERED * come * stay, 5e-3)


def _apec(tables: Tables) -> Iterator[Agreement]:
    stay = _staying(tables)
    for cadres, population in (("salaries_prives", "salaries"), ("demandeurs_emploi", "demandeurs_emploi")):
        start = f"demand.cadres_{cadres}.flow.accueil_apec"
        asked = tables.figure(f"{start}_requests")
        come = _attendance(tables, population)
        received = tables.figure(f"{start}@check").mode
        rule = f"accueil_apec / ({come:.3f} x {stay:g})"
        yield Agreement(asked.id, rule, asked.mode, received / (come * stay), 2e-3)


def _stocks(tables: Tables) -> Iterator[Agreement]:
    private = tables.figure("publics.control.salaries_prives.sum_of_stocks@check")
    stocks = sum(tables.figure(f"publics.stock.{public}.persons").mode for public in PRIVATE_PUBLICS)
    yield Agreement(private.id, "sum of the four private publics", private.mode, stocks, 1e-9)
    metropolitan = sum(
        tables.figure(f"regions.{region.code}.private_employees").mode
        for region in tables.regions
        if region.zone == "metropole"
    )
    yield Agreement(private.id, "sum of regions.*.private_employees", private.mode, metropolitan, 1e-4)
    reduced = tables.figure("publics.control.all_employed.inscrits_en_activite_reduite@check")
    # The share of fixed-term contracts is that of the 2 169 k, private and public together.
    stock_of = {
        "salaries_cdi": "publics.stock.salaries_cdi.persons",
        "salaries_cdd": "publics.control.salaries_cdd.private_plus_public@check",
        "interimaires": "publics.stock.interimaires.persons",
    }
    registered = sum(
        tables.figure(f"publics.attribute.{public}.inscrit_pole_emploi").mode * tables.figure(stock).mode
        for public, stock in stock_of.items()
    )
    yield Agreement(
        reduced.id, "inscrit_pole_emploi x stock: CDI, CDD, interim", reduced.mode, registered, 2e-3
    )
    employed = tables.figure("publics.control.all_employed.sum_of_stocks@check").mode
    alone = tables.figure("publics.stock.independants.persons").mode
    for group, several, stock in (
        ("salaries", "pluriactifs_salaries", employed - alone),
        ("independants", "pluriactifs_non_salaries", alone),
    ):
        published = tables.figure(f"publics.control.{group}.{several}@check")
        flagged = tables.figure(f"publics.attribute.{group}.pluriactif").mode * stock
        yield Agreement(published.id, f"pluriactif x stock: {group}", published.mode, flagged, 2e-3)
    gap = tables.figure("publics.control.independants.pluriactifs_non_salaries@check")
    others = tables.figure("national.pluriactifs").mode - tables.figure("national.pluri_salaries").mode
    yield Agreement(gap.id, "national.pluriactifs - national.pluri_salaries", gap.mode, others, 1e-9)


def _commission(tables: Tables) -> Iterator[Agreement]:
    for contract in ("cdi", "cdd"):
        files = tables.figure(f"operators.opacif.cif_{contract}@check")
        budget = tables.figure(f"operators.opacif.commission_budget_cif_{contract}").mode_in_base
        price = tables.figure(f"unit_costs.cif_{contract}_cost.opacif").mode
        rule = f"commission_budget_cif_{contract} / cif_{contract}_cost"
        yield Agreement(files.id, rule, files.mode, budget / price, 5e-3)
