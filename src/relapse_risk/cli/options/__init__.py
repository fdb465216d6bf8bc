"""Options that several verbs have: those of requests, and how many households can be visited."""

from relapse_risk.cli.options.request_options import options_of_request, policy_files, request_options
from relapse_risk.cli.options.visit_capacity import AskedCapacity, capacity_options

__all__ = ["AskedCapacity", "capacity_options", "options_of_request", "policy_files", "request_options"]
