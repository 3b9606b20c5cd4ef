"""Plain pages to look at what the product stores; they change nothing."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from organizations.models import Organization

from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from openedx_user_groups import api
from openedx_user_groups.data import COURSE, INSTANCE, ScopeData
from tests.sandbox.demo.access import scopes_of
from tests.sandbox.demo.accounts import ACCOUNTS

MEMBERS_PER_PAGE = 50


class Login(LoginView):
    """The login page; it tells whom one may be."""

    template_name = "sandbox/login.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Show the seeded accounts beside the form."""
        return super().get_context_data(**kwargs, accounts=ACCOUNTS)


@login_required
def scopes(request: HttpRequest) -> HttpResponse:
    """List the groups of every scope that the person may look at."""
    allowed = scopes_of(request.user)
    sections = [(scope, title(scope), api.groups_data(api.groups_in(scope))) for scope in allowed]
    context = {
        "sections": [section for section in sections if section[2]],
        "empty": [name for _scope, name, groups in sections if not groups],
        "may_manage": bool(allowed),
    }
    return render(request, "sandbox/scopes.html", context)


@login_required
def group(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """List the members of a group."""
    for scope in scopes_of(request.user):
        if api.groups_in(scope).filter(uuid=uuid).exists():
            break
    else:
        raise Http404
    members = api.members(uuid).select_related("profile").order_by("username")
    context = {
        "group": api.get_group(uuid),
        "scope_title": title(scope),
        "page": Paginator(members, MEMBERS_PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "sandbox/group.html", context)


def title(scope: ScopeData) -> str:
    """Return what people call the scope."""
    if scope.type == INSTANCE:
        return "The whole platform"
    if scope.type == COURSE:
        return CourseOverview.objects.get(id=scope.course_key).display_name or scope.key
    return Organization.objects.get(short_name=scope.key).name
