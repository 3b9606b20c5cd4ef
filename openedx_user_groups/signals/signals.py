"""Events about user groups and their members."""

from openedx_events.tooling import OpenEdxPublicSignal

from .data import UserGroupData, UserGroupMembershipData

# .. event_type: org.openedx.user_groups.group.created.v1
# .. event_name: GROUP_CREATED
# .. event_key_field: group.uuid
# .. event_description: Emitted when a user group was created; whoever is in it is told by MEMBERSHIP_CHANGED.
# .. event_data: UserGroupData
# .. event_trigger_repository: openedx/openedx-user-groups
# .. event_warning: Sent after the commit and at least once. The group is told as it is when the event is sent.
GROUP_CREATED = OpenEdxPublicSignal(
    event_type="org.openedx.user_groups.group.created.v1",
    data={"group": UserGroupData},
)

# .. event_type: org.openedx.user_groups.group.updated.v1
# .. event_name: GROUP_UPDATED
# .. event_key_field: group.uuid
# .. event_description: Emitted when the name, tags, rule, options, status, collection or health of a user group have
#     changed.
# .. event_data: UserGroupData
# .. event_trigger_repository: openedx/openedx-user-groups
# .. event_warning: Sent after the commit and at least once. The group is told as it is when the event is sent.
GROUP_UPDATED = OpenEdxPublicSignal(
    event_type="org.openedx.user_groups.group.updated.v1",
    data={"group": UserGroupData},
)

# .. event_type: org.openedx.user_groups.group.deleted.v1
# .. event_name: GROUP_DELETED
# .. event_key_field: group.uuid
# .. event_description: Emitted when a user group was deleted and holds nobody any more; those who were in it are told
#     by MEMBERSHIP_CHANGED as well.
# .. event_data: UserGroupData
# .. event_trigger_repository: openedx/openedx-user-groups
# .. event_warning: Sent after the commit and at least once. The group is told as it is when the event is sent.
GROUP_DELETED = OpenEdxPublicSignal(
    event_type="org.openedx.user_groups.group.deleted.v1",
    data={"group": UserGroupData},
)

# .. event_type: org.openedx.user_groups.membership.changed.v1
# .. event_name: MEMBERSHIP_CHANGED
# .. event_key_field: membership.group.uuid
# .. event_description: Emitted when users have joined or left a user group, by its rule, by hand, by chance or by
#     themselves, each of them alone or many at once.
# .. event_data: UserGroupMembershipData
# .. event_trigger_repository: openedx/openedx-user-groups
# .. event_warning: Sent after the commit and at least once, of one group in the order of the changes. Everybody else
#     of a collection is not stored, so no event tells who they are; they are whoever is in none of its groups.
MEMBERSHIP_CHANGED = OpenEdxPublicSignal(
    event_type="org.openedx.user_groups.membership.changed.v1",
    data={"membership": UserGroupMembershipData},
)
