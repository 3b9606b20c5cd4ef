"""Groups in the admin: what they are, whom they hold, how they are doing."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ..criteria.base import Asking
from ..evaluation.definition import rules_of
from ..groups.revising import draft_rules
from ..models import Exclusion, GroupCriterion, UserGroup
from ..permissions import Person
from ..population.scopes import not_expired
from ..refresh import saying
from ..rules.tree import Branch, to_json
from . import acts, health, members
from .freshness import GroupList, is_fresh
from .latest import LatestRevisions, LatestRuns
from .reading import ByScopeType, ReadOnlyAdmin
from .rendering import NOTHING, json_block, tree

CONDITIONS: dict[str, Any] = {
    UserGroup.Health.NEVER: _("Never"),
    UserGroup.Health.OK: _("OK"),
    UserGroup.Health.HELD: _("Held"),
    UserGroup.Health.BROKEN: _("Broken"),
}


class HasRule(admin.SimpleListFilter):
    """Static groups and dynamic ones."""

    title = _("rule")
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """With and without."""
        return [("yes", _("Dynamic: a rule decides")), ("no", _("Static: put together by hand"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[UserGroup]) -> QuerySet[UserGroup]:
        """Those with a root, or without one."""
        root = Exists(GroupCriterion.objects.filter(group=OuterRef("pk"), position=0))
        return {"yes": queryset.filter(root), "no": queryset.filter(~root)}.get(self.value() or "", queryset)


@admin.register(UserGroup)
class GroupAdmin(ReadOnlyAdmin):
    """All groups, the tombstones of deleted ones as well."""

    list_display = ("name", "scope", "status", "condition", "fresh", "number", "would_hold", "last_refreshed")
    list_filter = ("status", "health", HasRule, ByScopeType)
    list_select_related = ("scope",)
    search_fields = ("name", "scope__key")
    uuid_fields = ("uuid",)
    search_help_text = _("Part of a name or of the key of a scope, or a UUID.")
    ordering = ("name", "pk")
    actions = (acts.refresh, acts.activate, acts.pause, acts.archive, acts.undo)
    inlines = (LatestRuns, LatestRevisions)
    change_list_template = "openedx_user_groups/admin/group_list.html"
    fieldsets = (
        (None, {"fields": ("name", "description", "words", "uuid", "scope", "collection", "priority")}),
        (_("Status"), {"fields": ("status", "status_reason")}),
        (_("Members"), {"fields": ("member_count", "people", "kept_out", "size_limit")}),
        (_("Rule"), {"fields": ("sentences", "as_json", "revision")}),
        (_("Draft: waits to be activated"), {"fields": ("draft_sentences", "draft_revision", "would_hold")}),
        (_("Health"), {"fields": ("health", "reason", "failures", "last_refreshed", "swept_until", "fresh")}),
        (_("Refreshes"), {"fields": ("method", "update_mode", "refresh_every", "removal_limit", "next_due")}),
        (_("Origin"), {"fields": ("created_via", "created", "created_by", "modified", "modified_by")}),
    )

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Who may act on groups: staff with the permission to change them."""
        return request.user.has_perm("openedx_user_groups.change_usergroup")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[GroupList]:
        """The list that knows which of its groups are stale."""
        return GroupList

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> UserGroup | None:
        """The group, with what its rule tells whoever looks at it."""
        group = super().get_object(request, object_id, from_field)
        if group is not None:
            group.rule, group.draft = rules_of([group]).get(group.pk), draft_rules([group]).get(group.pk)
            group.asking = Asking(group.scope.data, timezone.now(), asker=Person(request.user))
        return group

    def get_urls(self) -> list[URLPattern]:
        """The pages of Django, of members, and of the health of everything."""
        of_members, of_health = self.admin_site.admin_view(self.members), self.admin_site.admin_view(self.health)
        own = [
            path("<int:group_id>/members/", of_members, name="openedx_user_groups_usergroup_members"),
            path("health/", of_health, name="openedx_user_groups_usergroup_health"),
        ]
        return own + super().get_urls()

    def members(self, request: HttpRequest, group_id: int) -> HttpResponse:
        """Some members of a group."""
        return members.page(self, request, group_id)

    def health(self, request: HttpRequest) -> HttpResponse:
        """What is wrong."""
        return health.page(self, request)

    @admin.display(description=_("Tags"))
    def words(self, group: UserGroup) -> str:
        """Its tags."""
        return ", ".join(group.tags.order_by("pk").values_list("tag", flat=True))

    @admin.display(description=_("People"))
    def people(self, group: UserGroup) -> SafeString:
        """The way to the page of its members."""
        address = reverse("admin:openedx_user_groups_usergroup_members", args=[group.pk])
        return format_html('<a href="{}">{}</a>', address, _("Show members"))

    @admin.display(description=_("Exclusions"))
    def kept_out(self, group: UserGroup) -> int:
        """How many are kept out of it now."""
        return Exclusion.objects.filter(not_expired(timezone.now()), group=group).count()

    @admin.display(description=_("In words"))
    def sentences(self, group: UserGroup) -> SafeString | str:
        """The rule as a tree."""
        rule: Branch | None = getattr(group, "rule", None)
        return NOTHING if rule is None else tree(rule, group.asking)  # type: ignore[attr-defined]

    @admin.display(description=_("In words"))
    def draft_sentences(self, group: UserGroup) -> SafeString | str:
        """The rule that waits, as a tree."""
        draft: Branch | None = getattr(group, "draft", None)
        return NOTHING if draft is None else tree(draft, group.asking)  # type: ignore[attr-defined]

    @admin.display(description=_("As JSON"))
    def as_json(self, group: UserGroup) -> SafeString | str:
        """The rule as the API gives it."""
        rule: Branch | None = getattr(group, "rule", None)
        return NOTHING if rule is None else json_block(to_json(rule))

    @admin.display(description=_("Health"), ordering="health")
    def condition(self, group: UserGroup) -> str:
        """The same as its health, in a word."""
        return str(CONDITIONS[group.health])

    @admin.display(description=_("Reason"))
    def reason(self, group: UserGroup) -> str:
        """Why it is held or broken."""
        return saying.told(group.health_reason) or NOTHING

    @admin.display(description=_("Members"), ordering="member_count")
    def number(self, group: UserGroup) -> int:
        """How many members it had when that was last counted."""
        return group.member_count

    @admin.display(description=_("Fresh"), boolean=True)
    def fresh(self, group: UserGroup) -> bool | None:
        """Whether its criteria allow that long without a refresh; unknown of a group that is not refreshed."""
        return is_fresh(group)
