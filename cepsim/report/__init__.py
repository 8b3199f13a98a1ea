"""What people read: tables and pictures of results. Nothing here runs an engine."""

from cepsim.report.answers import Table, answers

__all__ = ["Table", "answers"]
