"""Payloads of events about user groups, which can travel over the event bus."""

# Annotations are not postponed here: the Avro schemas are made of the types themselves.

import attrs


@attrs.frozen
class UserGroupScopeData:
    """
    Where a user group lives.

    Arguments:
        type (str): course, organization or instance.
        key (str): the course key, the short name of the organization, or "" for the whole instance.

    """

    type: str
    key: str


@attrs.frozen
class UserGroupCollectionData:
    """
    The collection of a user group: nobody is in two of its groups, and the rest are everybody else.

    Arguments:
        uuid (str): the collection.
        rest_uuid (str): everybody else of its population, who are in none of its groups.
        parent_group_uuid (str): the group whose members are its population; "" where that is everybody in the scope.

    """

    uuid: str
    rest_uuid: str
    parent_group_uuid: str


@attrs.frozen
class UserGroupData:
    """
    A user group, as it is when the event is sent.

    Arguments:
        uuid (str): the group.
        name (str): what people call it.
        tags (list[str]): words that it is found by.
        scope (UserGroupScopeData): where it lives.
        collection (UserGroupCollectionData): the exclusive groups that it is one of.
        status (str): draft, active, paused, archived or deleted.
        health (str): never, ok, held or broken, as the last refresh has left it.
        revision (int): the number of the definition that is in force.

    """

    uuid: str
    name: str
    tags: list[str]
    scope: UserGroupScopeData
    collection: UserGroupCollectionData
    status: str
    health: str
    revision: int


@attrs.frozen
class UserGroupMembershipData:
    """
    A change of the members of a user group; a large change is told in several events.

    Arguments:
        group (UserGroupData): the group.
        joined (list[int]): ids of users who are members from now on; together with ``left`` at most 1,000.
        left (list[int]): ids of users who are no longer members.
        causes (list[str]): why: event types, names of tables, or words such as request, schedule, manual, deleted.
        run_uuid (str): the refresh that changed them, or "".
        batch (int): tells the events of one run apart, from 0 on with gaps.

    """

    group: UserGroupData
    joined: list[int]
    left: list[int]
    causes: list[str]
    run_uuid: str
    batch: int
