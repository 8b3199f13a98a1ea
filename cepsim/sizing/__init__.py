"""How many advisers, where, for which delay: the least-cost posts found that meet norms.

cepsim.size("central", "accueil: 90 % <= 10 j ouvrés", regions=["53"])

The other way round, `share_out` puts so many posts where they lose least.
"""

from cepsim.sizing.answer import Sizing, size, sized
from cepsim.sizing.budget import Budgeted
from cepsim.sizing.norm import Norm
from cepsim.sizing.sharing import budgeted, share_out
from cepsim.sizing.sizing import Wanted, wanted
from cepsim.sizing.wording import answer, budget_answer

__all__ = [
    "Budgeted",
    "Norm",
    "Sizing",
    "Wanted",
    "answer",
    "budget_answer",
    "budgeted",
    "share_out",
    "size",
    "sized",
    "wanted",
]
