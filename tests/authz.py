"""Roles of openedx-authz, given as the platform gives them; only where Python is new enough for it."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from edx_django_utils.cache import RequestCache

authz_api = pytest.importorskip("openedx_authz.api", reason="openedx-authz needs Python 3.12")
from casbin_adapter.models import CasbinRule  # noqa: E402
from openedx_authz.engine.enforcer import AuthzEnforcer  # noqa: E402

ALL_COURSES = "course-v1:*"
ALL_OF_ACME = "course-v1:Acme+*"
_policies: list[dict[str, str]] = []


def give(user: User, role: str, place: object) -> None:
    """A role in a course, in all courses of an organization, or in all courses."""
    assert authz_api.assign_role_to_user_in_scope(user.username, role, str(place))


def take(user: User, role: str, place: object) -> None:
    """The role is taken away again."""
    assert authz_api.unassign_role_from_user(user.username, role, str(place))


def rename(user: User, username: str) -> None:
    """The account gets another name, of which openedx-authz is not told."""
    User.objects.filter(pk=user.pk).update(username=username)


def load_policies() -> None:
    """Roles and permissions as releases have them that load no schema."""
    RequestCache.clear_all_namespaces()
    call_command("load_policies")


def forbid(role: str, permission: str) -> None:
    """A role has a permission no longer."""
    enforcer = AuthzEnforcer.get_enforcer()
    assert enforcer.remove_policy(f"role^{role}", f"act^{permission}", "course-v1^*", "allow")
    AuthzEnforcer.invalidate_policy_cache()


def run_load_authz_schema() -> str:
    """The command that loads roles and permissions as all installed packages declare them; what it says."""
    said = StringIO()
    call_command("load_authz_schema", stdout=said)
    return said.getvalue()


def load_schema() -> None:
    """Roles and permissions as the command leaves them; it takes more than a second, so it runs once."""
    # Who is staff of the platform is remembered for the time of a request.
    RequestCache.clear_all_namespaces()
    if _policies:
        CasbinRule.objects.bulk_create(CasbinRule(**policy) for policy in _policies)
        AuthzEnforcer.invalidate_policy_cache()
    else:
        run_load_authz_schema()
        _policies.extend(CasbinRule.objects.values("ptype", "v0", "v1", "v2", "v3"))
