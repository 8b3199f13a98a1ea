"""How many advisers, where, for which delay: the least-cost posts found that meet norms.

cepsim.size("central", "accueil: 90 % <= 10 j ouvrés", regions=["53"])
"""

from cepsim.sizing.answer import Sizing, size, sized
from cepsim.sizing.norm import Norm
from cepsim.sizing.sizing import Wanted, wanted
from cepsim.sizing.wording import answer

__all__ = ["Norm", "Sizing", "Wanted", "answer", "size", "sized", "wanted"]
