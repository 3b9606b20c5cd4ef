"""The tables of user groups; fields and constraints only. All writing is done by the modules named after the acts."""

# The settings of the event bus may name our events: it looks for them when all models are there, and nothing else yet.
from .. import signals  # noqa: F401
from .collection import GroupCollection
from .course import CourseBlockTotal
from .criterion import GroupCriterion
from .group import GroupTag, UserGroup
from .history import HeldUser, ManualChange, RefreshRun, Revision
from .imports import ImportedPerson, MemberImport, PendingMember
from .membership import Exclusion, Membership, Origin, PastMembership
from .outbox import Announcement, Change
from .scope import Scope
from .staging import Stage, StagedUser

__all__ = [
    "Announcement",
    "Change",
    "CourseBlockTotal",
    "Exclusion",
    "GroupCollection",
    "GroupCriterion",
    "GroupTag",
    "HeldUser",
    "ImportedPerson",
    "ManualChange",
    "MemberImport",
    "Membership",
    "Origin",
    "PastMembership",
    "PendingMember",
    "RefreshRun",
    "Revision",
    "Scope",
    "Stage",
    "StagedUser",
    "UserGroup",
]
