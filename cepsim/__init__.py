"""cepsim: simulation and costing of the conseil en évolution professionnelle, as debated in autumn 2013."""

__version__ = "0.1.0"
