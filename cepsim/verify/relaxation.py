"""How long a system remembers where it began: its relaxation time.

Its stationary state is approached as exp(-time / relaxation). A case deletes at least ten of these.
"""

from __future__ import annotations

import math


def mmc(arrivals: float, service: float, servers: int) -> float:
    """Relaxation time of M/M/c, and an upper bound of it where servers are many (van Doorn 1985)."""
    gap = (math.sqrt(servers * service) - math.sqrt(arrivals)) ** 2
    return 1.0 / min(gap, service)


def workload(variance: float, spare: float) -> float:
    """Relaxation time of the work in a queue in heavy traffic (Newell 1982; Asmussen 2003, X.7).

    `variance` of the work that comes less that which is done, a unit of time; `spare` is the capacity left.
    The diffusion that it is of has the spectral gap spare**2 / (2 variance).
    """
    return 2.0 * variance / spare**2
