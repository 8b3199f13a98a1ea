"""What a deployment costs: quantities recounted from the trace, prices, payers, net cost.

counted = quantities(deployment, crowd, trace, state)
found = ledger(deployment, counted)
close(found, counted)
net_of(found, of_reference, by=["year", "payer"])
"""

from cepsim.costing.budget import budget_lines
from cepsim.costing.commitments import COMMITMENT_CELL, COMMITMENT_DIMENSIONS, commitments
from cepsim.costing.compare import CIF_CONTRIBUTION, PARTS, net_of, social_partners, unit_costs
from cepsim.costing.euros import CURRENT, current_index, with_current_euros
from cepsim.costing.ledger import CELL, DIMENSIONS, Ledger, close, ledger
from cepsim.costing.mutualised import envelope_of
from cepsim.costing.price_year import index_of
from cepsim.costing.prices import BILANS_BY_DEPTH, BLOCKS, MARGINAL, NATURES, TRANSFERS, Nature
from cepsim.costing.publish import SECRET, withhold_publics
from cepsim.costing.quantities import quantities
from cepsim.costing.spread import spread_by_use

__all__ = [
    "BILANS_BY_DEPTH",
    "BLOCKS",
    "CELL",
    "CIF_CONTRIBUTION",
    "COMMITMENT_CELL",
    "COMMITMENT_DIMENSIONS",
    "CURRENT",
    "DIMENSIONS",
    "MARGINAL",
    "NATURES",
    "PARTS",
    "SECRET",
    "TRANSFERS",
    "Ledger",
    "Nature",
    "budget_lines",
    "close",
    "commitments",
    "current_index",
    "envelope_of",
    "index_of",
    "ledger",
    "net_of",
    "quantities",
    "social_partners",
    "spread_by_use",
    "unit_costs",
    "with_current_euros",
    "withhold_publics",
]
