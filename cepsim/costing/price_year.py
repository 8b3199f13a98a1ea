"""From the euros of the tables to the constant euros in which a scenario states its amounts.

    index = (1 + yearly growth of prices) ^ (year of prices - 2013)

The growth is that of `unit_costs.price_growth.all`: one rate for every cost, wages included, a hypothesis
whose mode is taken. Figures of the tables, a scenario's own ones included, are in euros of 2013; amounts that
a scenario names elsewhere (fund, lines in constant euros) are in euros of its year of prices already.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from cepsim.scenario import Scenario
from cepsim.tables import Tables

#: The prices of the tables are of 2009 to 2013, each as it was published: they are taken for euros of this
#: year, none is brought forward to it.
PRICE_YEAR: Final = 2013
#: By how much prices rise a year: one rate for all costs, whose range is how well it is known.
GROWTH: Final = "unit_costs.price_growth.all"


def price_index(tables: Tables, year: int) -> Fraction:
    """How many constant euros of a year are worth one euro of the tables, exactly; 1 in `PRICE_YEAR`."""
    return (1 + Fraction(str(tables.figure(GROWTH).mode))) ** (year - PRICE_YEAR)


def index_of(scenario: Scenario, tables: Tables) -> Fraction:
    """The index of a scenario's year of prices; `tables` hold its figures."""
    return price_index(tables, scenario.costs.price_year)
