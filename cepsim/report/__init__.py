"""What people read: tables and pictures of results. Nothing here runs an engine."""

from cepsim.report.answers import Table, answers
from cepsim.report.figures import figures
from cepsim.report.precision import conclusion, precision_table, wanted

__all__ = ["Table", "answers", "conclusion", "figures", "precision_table", "wanted"]
