"""Scenarios: small TOML files that say how a deployment of the CEP differs from the one it extends.

scenario = load_scenario("central")
later = scenario.derive({"calendar.launch_date": date(2015, 7, 1)}, name="six-mois-plus-tard")
diff(scenario, later)
"""

from cepsim.scenario.fields import Text
from cepsim.scenario.load import list_scenarios, load_scenario, parsed_scenario, validate
from cepsim.scenario.messages import field_keys
from cepsim.scenario.parts import (
    Calendar,
    Costs,
    Demand,
    FigureOverride,
    Norm,
    Productivity,
    Service,
    Staff,
    StaffChange,
    Wave,
)
from cepsim.scenario.schema import Scenario
from cepsim.scenario.template import new_scenario
from cepsim.scenario.text import SCHEMA_FILE, canonical, diff, json_schema, to_toml

__all__ = [
    "SCHEMA_FILE",
    "Calendar",
    "Costs",
    "Demand",
    "FigureOverride",
    "Norm",
    "Productivity",
    "Scenario",
    "Service",
    "Staff",
    "StaffChange",
    "Text",
    "Wave",
    "canonical",
    "diff",
    "field_keys",
    "json_schema",
    "list_scenarios",
    "load_scenario",
    "new_scenario",
    "parsed_scenario",
    "to_toml",
    "validate",
]
