"""The traps of the sources that today's figures can show; the guide of the tables tells them all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cepsim.labels import Language
from cepsim.tables.raking import Population
from cepsim.tables.store import Tables
from cepsim.units import format_number, format_share

#: A trap's number in the guide, and the words that its label needs.
Warned = tuple[int, Mapping[str, str]]


def trap_warnings(tables: Tables, population: Population, language: Language) -> Iterator[Warned]:
    """Each trap that can be computed, in the order of the guide, numbers written in the language."""

    def thousands(value: float, decimals: int = 0) -> str:
        return format_number(value / 1000, language, decimals)

    def number(value: float, decimals: int = 0) -> str:
        return format_number(value, language, decimals)

    def base(id_: str) -> float:
        return tables.figure(id_).mode_in_base

    overseas = [region.code for region in tables.regions if region.zone == "overseas"]
    active = base("national.act_15_64")
    employed, unemployed = base("national.emp_15_64"), base("national.une_bit")
    beyond = float(population.stocks.loc[overseas].to_numpy().sum())
    yield 1, {"active": thousands(active), "overseas": thousands(beyond)}

    cdi, cdd = base("flows.cif_cdi.pris_en_charge@2010"), base("flows.cif_cdd.pris_en_charge@2010")
    yield 3, {"printed": number(cdi), "total": number(cdi + cdd)}
    persons, courses = base("flows.formation_de.entrants@check"), base("flows.formation_de.stages@ex_post")
    yield 4, {"persons": thousands(persons), "courses": thousands(courses)}
    reduced = base("national.act_reduite")
    yield 5, {"total": thousands(reduced), "unemployed": thousands(unemployed)}
    ages = sum(base(f"national.emp_{band}") for band in ("15_24", "25_49", "50_64"))
    yield 7, {"ages": thousands(ages), "employed": thousands(employed)}
    defm = {name: thousands(base(f"national.defm_{name}_dec12")) for name in ("a", "abc")}
    yield 8, {"bit": thousands(unemployed), **defm}

    share = tables.figure("demand.pole_emploi.capacity.cep_capacity_share")
    advisers = base("operators.pole_emploi.advisers_fte")
    yield (
        11,
        {
            "low": format_share(share.low, language, 0),
            "mode": format_share(share.mode, language, 0),
            "high": format_share(share.high, language, 0),
            "etp_low": number(share.low * advisers),
            "etp_high": number(share.high * advisers),
        },
    )
    first = base("cep_realised.2015.all_cep.france.beneficiaires_cep@ex_post")
    last = base("cep_realised.2022.all_cep.france.beneficiaires@ex_post")
    yield 12, {"first": thousands(first), "last": thousands(last)}
    ceiling = tables.figure("unit_costs.cep_market_ceiling.france_competences@ex_post").mode
    yield 15, {"year": number(ceiling, 1)}
    yield (
        17,
        {
            "total": thousands(base("flows.licenciements_eco.all@check")),
            "share": thousands(0.03 * base("flows.entrees_pe.abc_tous_motifs@check")),
            "outside": thousands(base("demand.de_licenciement_eco.event.events_per_year_hors_csp")),
            "inside": thousands(base("demand.de_licenciement_eco.event.events_per_year_csp")),
        },
    )
    private = base("publics.control.salaries_prives.sum_of_stocks@check")
    yield 18, {"private": thousands(private), "employed": thousands(employed)}

    hours = tables.figure("unit_costs.annual_working_hours.legal").mode
    direct = tables.figure("unit_costs.direct_service_share.dedicated_cep_adviser").mode
    yield 20, {"hours": number(hours * direct)}
    full = base("unit_costs.full_cost_per_fte.opacif")
    adviser = full / (1 + tables.figure("unit_costs.overhead_rate.all").mode)
    yield 21, {"full": number(full), "adviser": number(adviser), "structure": number(full - adviser)}
    need, have = _first_line_hours(tables, hours)
    yield 22, {"need": thousands(need), "have": thousands(have), "load": number(need / have, 2)}
    budgets = {
        contract: number(tables.figure(f"operators.opacif.commission_budget_cif_{contract}").mode)
        for contract in ("cdi", "cdd")
    }
    yield 25, budgets
    yield 28, {"pilots": ", ".join(region.name for region in tables.regions if region.pilot)}
    here = 1 - float(population.keys.loc[overseas, "missions_locales"].sum())
    yield 29, {"share": format_share(here, language)}


def _first_line_hours(tables: Tables, hours: float) -> tuple[float, float]:
    """Hours that OPACIF contacts take at the first line in a year, and hours that its staff has."""
    contacts = tables.figure("demand.salaries_prives.control.opacif_contacts_total@check").mode_in_base
    by_phone = tables.figure("stages.information.share_phone.all.opacif.all.all").mode
    phone = tables.figure("stages.information.phone_duration.all.all.all.all").mode
    visit = tables.figure("stages.information.walkin_duration.all.all.all.all").mode
    need = contacts * (by_phone * phone + (1 - by_phone) * visit) / 60
    staff = tables.figure("operators.opacif.first_line_fte").mode
    direct = tables.figure("unit_costs.direct_service_share.first_line_agent").mode
    return need, staff * hours * direct
