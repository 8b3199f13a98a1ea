"""Teams, queues and calendars: building a network by hand, and compiling one from a scenario."""

from cepsim.network.arrays import Network
from cepsim.network.builder import NetworkBuilder
from cepsim.network.calendar import Calendar, always_open, weekly_calendar
from cepsim.network.specs import Branch, CommissionPlan, NoShow, Retry, Series, SessionPlan, Station

__all__ = [
    "Branch",
    "Calendar",
    "CommissionPlan",
    "Network",
    "NetworkBuilder",
    "NoShow",
    "Retry",
    "Series",
    "SessionPlan",
    "Station",
    "always_open",
    "weekly_calendar",
]
