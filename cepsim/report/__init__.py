"""What people read: tables and pictures of results. Nothing here runs an engine."""

from cepsim.report.answers import Table, answers
from cepsim.report.compared import comparison_tables
from cepsim.report.figures import figures
from cepsim.report.precision import conclusion, precision_table, wanted

__all__ = [
    "Table",
    "answers",
    "comparison_tables",
    "conclusion",
    "figures",
    "precision_table",
    "wanted",
]
