"""The members of a group in the admin: some of them, or the one who is looked for; never all."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from .. import api
from ..exceptions import GroupNotFound
from ..models import Membership, UserGroup
from ..platform.people import resolve
from .reading import ModelAdmin

SHOWN = 100
# Of an id.
MAX_DIGITS = 10


def page(model_admin: ModelAdmin, request: HttpRequest, group_id: int) -> HttpResponse:
    """Up to 100 members; with ``q``, the account that is called so and whether it is a member."""
    group = model_admin.get_object(request, str(group_id))
    if group is None:
        raise Http404
    if not model_admin.has_view_permission(request, group):
        raise PermissionDenied
    wanted = request.GET.get("q", "").strip()
    found, answer = _member(group, wanted) if wanted else (_first(group), "")
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Members of {group}").format(group=group.name),
        "opts": model_admin.opts,
        "group": group,
        "wanted": wanted,
        "answer": answer,
        "memberships": found,
    }
    return TemplateResponse(request, "openedx_user_groups/admin/members.html", context)


def _first(group: UserGroup) -> list[Membership]:
    # By id, as the index has them: millions are not sorted by name to show a hundred.
    first = Membership.objects.filter(group=group).order_by("user_id").values_list("user_id", flat=True)[:SHOWN]
    return sorted(_memberships(group, list(first)), key=lambda row: row.user.get_username())


def _memberships(group: UserGroup, users: list[int]) -> list[Membership]:
    """Those of some users that count now."""
    try:
        return list(api.memberships_of(group.uuid).filter(user__in=users))
    except GroupNotFound:
        # A deleted group holds nobody.
        return []


def _member(group: UserGroup, wanted: str) -> tuple[list[Membership], str]:
    """The membership of whoever is called so, or why there is none."""
    # What is all digits may be somebody's user name, and first of all is.
    is_id = wanted.isascii() and wanted.isdigit() and len(wanted) <= MAX_DIGITS
    persons = resolve([wanted, int(wanted)] if is_id else [wanted])
    person = next((each for each in persons if each.user_id is not None), persons[0])
    if person.user_id is None:
        return [], person.why
    found = _memberships(group, [person.user_id])
    return found, "" if found else _("{name} is not in the group.").format(name=wanted)
