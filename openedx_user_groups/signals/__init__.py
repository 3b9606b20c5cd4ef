"""Events that this package sends; ``data`` and ``signals`` are written as modules of openedx-events are."""

from .data import UserGroupCollectionData, UserGroupData, UserGroupMembershipData, UserGroupScopeData
from .signals import GROUP_CREATED, GROUP_DELETED, GROUP_UPDATED, MEMBERSHIP_CHANGED

__all__ = [
    "GROUP_CREATED",
    "GROUP_DELETED",
    "GROUP_UPDATED",
    "MEMBERSHIP_CHANGED",
    "UserGroupCollectionData",
    "UserGroupData",
    "UserGroupMembershipData",
    "UserGroupScopeData",
]
