"""The figures of the model with their provenance: `load_tables`, then `Tables.figure(id)`.

The tables and their guide are in `data/insee_2012`. What is read from them is checked row by row
(`read`), then group by group (`checks`); `rake` spreads the publics over the regions.
"""

from cepsim.tables.figure import Figure, Override
from cepsim.tables.names import Region
from cepsim.tables.raking import Population, rake
from cepsim.tables.store import PRIVATE_PUBLICS, Tables, load_tables

__all__ = ["PRIVATE_PUBLICS", "Figure", "Override", "Population", "Region", "Tables", "load_tables", "rake"]
