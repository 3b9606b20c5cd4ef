"""The tables of user groups; fields and constraints only. All writing is done by the modules named after the acts."""

from .course import CourseBlockTotal
from .group import GroupCollection, GroupCriterion, GroupTag, UserGroup
from .history import RefreshRun, Revision
from .membership import Exclusion, Membership, Origin, PastMembership
from .scope import Scope

__all__ = [
    "CourseBlockTotal",
    "Exclusion",
    "GroupCollection",
    "GroupCriterion",
    "GroupTag",
    "Membership",
    "Origin",
    "PastMembership",
    "RefreshRun",
    "Revision",
    "Scope",
    "UserGroup",
]
