"""What people read: tables and pictures of results. Nothing here runs an engine."""

from cepsim.report import _matplotlib  # noqa: F401 - before the modules that draw
from cepsim.report.access import access_table
from cepsim.report.answers import answers
from cepsim.report.compared import comparison_tables
from cepsim.report.figures import figures
from cepsim.report.html_report import html_report
from cepsim.report.late import late_dates, late_in
from cepsim.report.marks import adviser_posts, marks_table, sound_marks, titles_of
from cepsim.report.note import note
from cepsim.report.obligation import obligation_table, sound_obligation
from cepsim.report.precision import conclusion, precision_table, wanted
from cepsim.report.table import Table

__all__ = [
    "Table",
    "access_table",
    "adviser_posts",
    "answers",
    "comparison_tables",
    "conclusion",
    "figures",
    "html_report",
    "late_dates",
    "late_in",
    "marks_table",
    "note",
    "obligation_table",
    "precision_table",
    "sound_marks",
    "sound_obligation",
    "titles_of",
    "wanted",
]
