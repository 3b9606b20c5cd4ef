"""The one family of errors: the docstring of each is its default message."""

from __future__ import annotations

import inspect
from collections.abc import Sequence

import attrs


class UserGroupsError(Exception):
    """User groups could not do what was asked."""

    def __init__(self, message: str | None = None) -> None:
        self.message = str(message) if message else inspect.getdoc(type(self)) or ""
        super().__init__(self.message)


class InvalidScope(UserGroupsError):
    """There is no such course, organization or instance scope."""


class InvalidGroup(UserGroupsError):
    """The group cannot be saved like this; ``field`` names what to change."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(f"{field}: {message}")


class DuplicateName(InvalidGroup):
    """Another group or collection of this scope already has the name."""


class GroupNotFound(UserGroupsError):
    """There is no such group."""


class CollectionNotFound(UserGroupsError):
    """There is no such collection."""


class StaleRevision(UserGroupsError):
    """Somebody else has edited the group since; load it again and repeat the change."""


class WrongStatus(UserGroupsError):
    """The group's status does not allow this."""


class RefreshInProgress(UserGroupsError):
    """A refresh of this collection is running; wait for it to finish."""


class FeatureDisabled(UserGroupsError):
    """User groups are switched off in this scope; turn on the flag user_groups.enable for it."""


class WrongService(UserGroupsError):
    """Groups are not refreshed in this service; see OPENEDX_USER_GROUPS_SERVICE_VARIANTS."""


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
