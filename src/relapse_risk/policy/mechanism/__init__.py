"""The early-warning mechanism as data: a model for every file of ``policy/data/mechanism``."""

from typing import TYPE_CHECKING

from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.policy.mechanism.assessment import (
        AssessmentLevel,
        Classes,
        Factor,
        HardRule,
        HouseholdType,
        Measures,
        Points,
        Population,
        ReliefMeasure,
        Scheme,
        SuddenHardship,
    )
    from relapse_risk.policy.mechanism.cited import Cited, Dated, in_force
    from relapse_risk.policy.mechanism.ledger import Due, EntryKind, InputLimits, Lifecycle
    from relapse_risk.policy.mechanism.mechanism import Mechanism
    from relapse_risk.policy.mechanism.month import BulletinPolicy, DriftBounds, DriftPolicy
    from relapse_risk.policy.mechanism.naming import NamingPolicy
    from relapse_risk.policy.mechanism.protected import ProtectedKind
    from relapse_risk.policy.mechanism.visits import (
        VISIT_MARK,
        EndlineRule,
        ListingPolicy,
        VisitColumn,
        VisitFinding,
        VisitsPolicy,
    )
    from relapse_risk.policy.mechanism.watch import (
        BoundedList,
        FocusCriterion,
        FocusList,
        FocusPolicy,
        IndustryBounds,
        SchoolingBounds,
        ShockBounds,
        WatchedList,
        WatchLists,
        WatchPolicy,
    )
else:
    __getattr__ = lazy_names(__name__)

__all__ = [
    "VISIT_MARK",
    "AssessmentLevel",
    "BoundedList",
    "BulletinPolicy",
    "Cited",
    "Classes",
    "Dated",
    "DriftBounds",
    "DriftPolicy",
    "Due",
    "EndlineRule",
    "EntryKind",
    "Factor",
    "FocusCriterion",
    "FocusList",
    "FocusPolicy",
    "HardRule",
    "HouseholdType",
    "IndustryBounds",
    "InputLimits",
    "Lifecycle",
    "ListingPolicy",
    "Measures",
    "Mechanism",
    "NamingPolicy",
    "Points",
    "Population",
    "ProtectedKind",
    "ReliefMeasure",
    "Scheme",
    "SchoolingBounds",
    "ShockBounds",
    "SuddenHardship",
    "VisitColumn",
    "VisitFinding",
    "VisitsPolicy",
    "WatchLists",
    "WatchPolicy",
    "WatchedList",
    "in_force",
]
