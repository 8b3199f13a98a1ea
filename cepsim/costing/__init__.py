"""What a deployment costs: quantities recounted from the trace, prices, payers, net cost.

counted = quantities(deployment, crowd, trace, state)
found = ledger(deployment, counted)
close(found, counted)
net_of(found, of_reference, by=["year", "payer"])
"""

from cepsim.costing.compare import PARTS, net_of, social_partners, unit_costs
from cepsim.costing.ledger import CELL, DIMENSIONS, Ledger, close, ledger
from cepsim.costing.prices import BILANS_BY_DEPTH, NATURES, TRANSFERS, Nature
from cepsim.costing.publish import SECRET, withhold_publics
from cepsim.costing.quantities import quantities
from cepsim.costing.spread import spread_by_use

__all__ = [
    "BILANS_BY_DEPTH",
    "CELL",
    "DIMENSIONS",
    "NATURES",
    "PARTS",
    "SECRET",
    "TRANSFERS",
    "Ledger",
    "Nature",
    "close",
    "ledger",
    "net_of",
    "quantities",
    "social_partners",
    "spread_by_use",
    "unit_costs",
    "withhold_publics",
]
