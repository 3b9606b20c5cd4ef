"""Collections: sets of mutually exclusive groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet

from .. import tasks
from ..collections import arranging, choosing, generating, moving, offers, overlap, rests, weighing
from ..criteria.base import NOBODY, Asker
from ..data import CollectionData, DraftEffect, MoveData, PlaceData, RestData, ScopeData
from ..evaluation.definition import groups_of
from ..models import GroupCollection
from ..outbox import waking
from ..population.scopes import verified
from ..refresh import drawing
from . import presentation
from .found import collection_row, group_row, id_of, rest_row

Kind = GroupCollection.Kind


def create_collection(
    scope: ScopeData,
    *,
    name: str,
    rest_name: str = "",
    kind: str = Kind.RULES,
    parent_group: UUID | str | None = None,
    acting_user: AbstractBaseUser | None = None,
) -> CollectionData:
    """A set of mutually exclusive groups, still empty; ``rest_name`` is what everybody else is called.

    ``kind`` is who decides which of its groups somebody is in: rules and people ("rules"), chance ("random") or the
    learners ("self"). With ``parent_group`` it subdivides that group, so that its groups have members of that one
    only. Raises InvalidScope, InvalidGroup, DuplicateName and GroupNotFound.
    """
    above = None if parent_group is None else group_row(parent_group)
    row = arranging.create(verified(scope), name, rest_name, kind=kind, parent_group=above)
    return presentation.collection_data(row)


def create_generated_collection(
    scope: ScopeData,
    *,
    name: str,
    criterion: str,
    ranges: Sequence[Sequence[float]] | None = None,
    rest_name: str = "",
    asker: Asker = NOBODY,
    acting_user: AbstractBaseUser | None = None,
) -> CollectionData:
    """A collection with a group for each choice of a criterion: each track, country, role, or each of ``ranges``.

    The groups are active at once, and there are more of them when there are more choices. Raises InvalidScope,
    InvalidGroup, DuplicateName and CriterionError.
    """
    row = generating.create(verified(scope), name, rest_name, criterion, ranges, id_of(acting_user), asker)
    tasks.send_refresh(row.pk)
    return presentation.collection_data(row)


def enrollment_tracks(
    scope: ScopeData, *, asker: Asker = NOBODY, acting_user: AbstractBaseUser | None = None
) -> CollectionData:
    """The enrollment tracks of a course or an organization: a collection with a group for each, made by the first call.

    Its groups are created_via "platform", and keep up with the modes that courses offer and learners have. Raises
    InvalidScope, InvalidGroup, CriterionError, and DuplicateName where somebody calls another collection so.
    """
    row = generating.predefined(verified(scope), id_of(acting_user), asker)
    tasks.send_refresh(row.pk)
    return presentation.collection_data(row)


def keep_generated(collection: UUID | str, *, acting_user: AbstractBaseUser | None = None) -> int:
    """Let a generated collection keep up with its choices now; how many new groups there are.

    The schedule does it, too. Raises CollectionNotFound, CriterionError and InvalidGroup.
    """
    row = collection_row(collection)
    made = generating.keep(row.pk, id_of(acting_user))
    tasks.send_refresh(row.pk)
    return made


def rename_collection(
    collection: UUID | str,
    *,
    name: str | None = None,
    rest_name: str | None = None,
    acting_user: AbstractBaseUser | None = None,
) -> CollectionData:
    """Call a collection, or its everybody else, otherwise. Raises InvalidGroup, DuplicateName and WrongStatus."""
    names = {"name": name, "rest_name": rest_name}
    row = collection_row(collection)
    arranging.rename(row, {key: value for key, value in names.items() if value is not None})
    return presentation.collection_data(row)


def order_effect(collection: UUID | str, group_uuids: Sequence[UUID], *, asker: Asker = NOBODY) -> list[DraftEffect]:
    """How many would join and leave each group that another order changes.

    Raises InvalidGroup, and CriterionError, which says what is wrong to who may see the rules.
    """
    row = collection_row(collection)
    with presentation.telling(row, asker, lambda: groups_of([row.pk])):
        return arranging.effect_of_order(row.pk, group_uuids)


def order_collection(
    collection: UUID | str,
    group_uuids: Sequence[UUID],
    *,
    was: Sequence[UUID] | None = None,
    acting_user: AbstractBaseUser | None = None,
) -> CollectionData:
    """Give the groups of a collection their priority: of several that match somebody, the first gets them.

    ``group_uuids`` names all of them, each once; ``was`` is the order that whoever asks has seen. A worker refreshes
    them. Raises InvalidGroup, and StaleRevision when they are others than ``was`` by now, or in another order.
    """
    row = collection_row(collection)
    arranging.order(row.pk, group_uuids, id_of(acting_user), was)
    tasks.send_refresh(row.pk)
    return presentation.collection_data(row)


def dissolve_collection(
    collection: UUID | str, *, asker: Asker = NOBODY, acting_user: AbstractBaseUser | None = None
) -> None:
    """Let every group of a collection be one by itself, with its members; called again, it goes on where it stopped.

    Raises WrongStatus for one that was made for a single group, and GroupInUse while a rule names its everybody else.
    """
    arranging.dissolve(collection_row(collection).pk, id_of(acting_user), asker)
    waking.wake()


def preview_move(collection: UUID | str, group: UUID | str) -> MoveData:
    """What moving a group into a collection would do now. Raises InvalidGroup where it cannot be moved there."""
    return overlap.preview(group_row(group), collection_row(collection))


def users_in_two(collection: UUID | str, group: UUID | str) -> tuple[list[int], set[int]]:
    """Who would be in two groups then: their sorted ids, and those of them whom the group that moves would keep."""
    return overlap.in_two(group_row(group), collection_row(collection))


def move_group(
    group: UUID | str,
    *,
    collection: UUID | str | None,
    asker: Asker = NOBODY,
    acting_user: AbstractBaseUser | None = None,
) -> MoveData:
    """Move a group into a named collection of its scope, last by priority, or with None out into one of its own.

    Who would be in two groups stays in the one that was there, unless only the one that moves has them otherwise than
    by its rule. Called again, it goes on where it stopped. Raises InvalidGroup, WrongStatus and GroupInUse.
    """
    target = None if collection is None else collection_row(collection).pk
    moved = moving.move(group_row(group).pk, target, id_of(acting_user), asker)
    waking.wake()
    return moved


def set_weights(
    collection: UUID | str, weights: Mapping[UUID, int], *, acting_user: AbstractBaseUser | None = None
) -> int:
    """Change the weights of groups of a random collection; how many people had to move.

    Of each group that has too many then, those move on whom it has the weakest claims. With the weights as they are,
    or none, a group that was added later gets its share. Raises InvalidGroup and WrongStatus.
    """
    return weighing.set_weights(collection_row(collection).pk, weights, id_of(acting_user))


def draw_newcomers(collection: UUID | str) -> int:
    """Put everybody else of a random collection into its groups by chance; how many. The schedule does it, too."""
    return drawing.draw(collection_row(collection).pk)


def places(collection: UUID | str, user_id: int) -> tuple[PlaceData, ...]:
    """The groups that learners choose from, as one of them sees these.

    Raises CollectionNotFound where they have nothing to choose.
    """
    return choosing.places(collection_row(collection), user_id)


def collections_offered(user_id: int) -> list[GroupCollection]:
    """The collections in which a learner chooses from groups, by name, with their scopes."""
    return offers.offered_to(user_id)


def get_rest(rest_uuid: UUID | str) -> RestData:
    """Everybody else of a collection, counted now, by its ``rest_uuid``; raises GroupNotFound."""
    return presentation.rest_data(rest_row(rest_uuid))


def get_collection(collection: UUID | str) -> CollectionData:
    """A collection with the UUIDs of its groups by priority; raises CollectionNotFound."""
    return presentation.collection_data(collection_row(collection))


def existing_collections() -> QuerySet[GroupCollection]:
    """All collections of all scopes, those that were made for a single group as well."""
    return rests.existing()


def all_collections() -> QuerySet[GroupCollection]:
    """The named collections of all scopes, by name."""
    return GroupCollection.objects.filter(is_implicit=False).select_related("scope").order_by("name", "id")


def collections_in(scope: ScopeData) -> QuerySet[GroupCollection]:
    """Those of one scope."""
    return all_collections().filter(scope__type=scope.type, scope__key=scope.key)


def collections_data(collections: Iterable[GroupCollection]) -> list[CollectionData]:
    """Collections as frozen data, in a number of queries that does not grow with them."""
    return presentation.collections_data(collections)
