"""Frozen data that crosses the boundary of the package: what the Python API takes and returns."""

from .collections import CollectionData, MoveData, PlaceData, RestData
from .groups import DraftData, DraftEffect, GroupData, MemberOutcome, RevisionData
from .history import ChangeData, SizeData, UseData
from .imports import ImportData
from .refreshes import GroupDrift, RunData
from .rules import CriterionTypeData, ExplanationData, LeafCount, NodeExplanation, PreviewData, RuleTemplateData
from .scopes import COURSE, INSTANCE, ORGANIZATION, ScopeData

__all__ = [
    "COURSE",
    "INSTANCE",
    "ORGANIZATION",
    "ChangeData",
    "CollectionData",
    "CriterionTypeData",
    "DraftData",
    "DraftEffect",
    "ExplanationData",
    "GroupData",
    "GroupDrift",
    "ImportData",
    "LeafCount",
    "MemberOutcome",
    "MoveData",
    "NodeExplanation",
    "PlaceData",
    "PreviewData",
    "RestData",
    "RevisionData",
    "RuleTemplateData",
    "RunData",
    "ScopeData",
    "SizeData",
    "UseData",
]
