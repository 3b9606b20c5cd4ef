"""The one family of errors: what each says where nothing more is known is its default message."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import ClassVar

import attrs
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Of what somebody else's code says, at most so many characters are told.
MAX_REASON = 500


class UserGroupsError(Exception):
    """User groups could not do what was asked."""

    # In words for people; of those that only programmers see the docstring does.
    default_message: ClassVar[str | Promise] = ""

    def __init__(self, message: str | None = None) -> None:
        self.message = str(message or self.default_message or inspect.getdoc(type(self)))
        super().__init__(self.message)


class InvalidScope(UserGroupsError):
    """A scope that is not there."""

    default_message = _("There is no such course, organization or instance scope.")


class InvalidInput(UserGroupsError):
    """What was asked cannot be done like this; ``field`` names what to change."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        self.sentence = message
        super().__init__(f"{field}: {message}")


class InvalidGroup(InvalidInput):
    """The group cannot be saved like this; ``field`` names what to change."""


class DuplicateName(InvalidGroup):
    """Another group or collection of this scope already has the name."""


class GroupNotFound(UserGroupsError):
    """A group that is not there, or not for whoever asks."""

    default_message = _("There is no such group.")


class CollectionNotFound(UserGroupsError):
    """A collection that is not there, or not for whoever asks."""

    default_message = _("There is no such collection.")


class RunNotFound(UserGroupsError):
    """A refresh that is not there."""

    default_message = _("There is no such refresh.")


class ImportNotFound(UserGroupsError):
    """A list of people that is not there, or no longer."""

    default_message = _("There is no such list of people; lists are kept for some days only.")


class StaleRevision(UserGroupsError):
    """An edit that began from what others have edited since."""

    default_message = _("Somebody else has edited the group since; load it again and repeat the change.")


class WrongStatus(UserGroupsError):
    """What cannot be done with a group as it is."""

    default_message = _("The group's status does not allow this.")


class GroupFull(WrongStatus):
    """A group without a place left."""

    default_message = _("The group is full.")


class GroupInUse(UserGroupsError):
    """A group that others are built on; ``uses`` says which."""

    default_message = _("Other groups are built on this one.")

    def __init__(self, message: str | None = None, uses: Sequence[str] = ()) -> None:
        self.uses = tuple(uses)
        super().__init__(message)


class RefreshInProgress(UserGroupsError):
    """A collection that is being refreshed."""

    default_message = _("A refresh of this collection is running; wait for it to finish.")


class FeatureDisabled(UserGroupsError):
    """A scope in which the feature is switched off."""

    default_message = _("User groups are switched off in this scope; turn on the flag user_groups.enable for it.")


class WrongService(UserGroupsError):
    """What is done in another service only."""

    default_message = _("Groups are not refreshed in this service; see OPENEDX_USER_GROUPS_SERVICE_VARIANTS.")


@attrs.frozen
class RuleProblem:
    """One thing wrong with a rule: ``path`` is a JSON pointer into it, ``message`` says what is allowed there."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path or '/'}: {self.message}"


class InvalidRule(UserGroupsError):
    """The rule is not valid; ``problems`` lists every fault with the path of its node."""

    def __init__(self, problems: Sequence[RuleProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class CriterionError(UserGroupsError):
    """A criterion could not be used; ``path`` is its place in the rule and ``group_id`` its group where known."""

    path = ""
    group_id: int | None = None

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message

    def at(self, path: str) -> CriterionError:
        """The same error, with the place of the criterion in the rule."""
        self.path = self.path or path
        return self

    def of(self, group_id: int) -> CriterionError:
        """The same error, with the group whose rule it is."""
        self.group_id = group_id
        return self


class UnknownCriterion(CriterionError):
    """No installed package offers this criterion."""


class CriterionUnavailable(CriterionError):
    """The criterion needs data that is not installed in this service."""


class CriterionFailed(CriterionError):
    """The criterion raised an error or broke its contract."""


class RegistrationError(UserGroupsError):
    """A criterion or a data source cannot be registered."""


class UnknownSource(CriterionError):
    """No installed package offers this data source."""


def in_words(error: BaseException) -> str:
    """What an error of somebody else's code says, as every database keeps it and as short as people read it."""
    try:
        return storable(repr(error))
    except Exception:
        # One that cannot say what it is must not take the place of what is said of it.
        return type(error).__name__


def storable(reason: str, limit: int = MAX_REASON) -> str:
    """The reason as every database keeps it, and as short as people read it."""
    text = encodable(reason)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def encodable(text: str) -> str:
    """The text without what databases and answers cannot hold: NUL and lone surrogates are shown as their codes."""
    return text.replace("\0", "\\0").encode(errors="backslashreplace").decode()
