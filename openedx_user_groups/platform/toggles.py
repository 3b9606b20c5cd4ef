"""The switch of the feature: the waffle flag user_groups.enable with overrides for courses and organizations."""

from __future__ import annotations

import logging

from crum import get_current_request
from django.conf import settings
from django.db.models import Model
from edx_toggles.toggles import WaffleFlag
from opaque_keys.edx.keys import CourseKey
from waffle import get_waffle_flag_model

from ..data import COURSE, INSTANCE, ORGANIZATION, ScopeData
from . import lms

log = logging.getLogger(__name__)

# .. toggle_name: user_groups.enable
# .. toggle_implementation: CourseWaffleFlag
# .. toggle_default: False
# .. toggle_description: Turns user groups on: pages, API, events and refreshes. Can be overridden for a course and for
#    an organization. Off, nothing of it is shown or refreshed; what is stored stays.
# .. toggle_use_cases: opt_in, open_edx
# .. toggle_creation_date: 2026-11-23
# .. toggle_warning: With the setting OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT only an explicit "off" turns it off.
NAME = "user_groups.enable"


ENABLE = WaffleFlag(NAME, module_name=__name__)

COURSE_OVERRIDE = "waffle_utils.WaffleFlagCourseOverrideModel"
ORGANIZATION_OVERRIDE = "waffle_utils.WaffleFlagOrgOverrideModel"


def is_enabled(scope: ScopeData) -> bool:
    """Whether user groups are on in a scope: override of the course, of its organization, the flag, the default."""
    forced = _forced(scope)
    if forced is None and get_current_request() is not None and not settings.OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT:
        return bool(ENABLE.is_enabled())
    return _for_everyone() if forced is None else forced


def is_on(scope: ScopeData) -> bool:
    """Whether workers refresh the groups of a scope: the same, whoever's request it is that asks."""
    forced = _forced(scope)
    return _for_everyone() if forced is None else forced


def _for_everyone() -> bool:
    # A worker has no request to roll percentages or users for: there the flag is on for everyone, or off.
    flags = get_waffle_flag_model()
    try:
        everyone = flags.get(NAME).everyone
    except Exception:
        log.warning("User groups: the cache of flags does not answer; the database is asked.", exc_info=True)
        everyone = flags.objects.filter(name=NAME).values_list("everyone", flat=True).first()
    return everyone is not False if settings.OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT else everyone is True


def tables() -> list[type[Model]]:
    """The tables that say whether it is on, as far as they are installed."""
    overrides = [label for label in (COURSE_OVERRIDE, ORGANIZATION_OVERRIDE) if lms.is_installed(label)]
    return [get_waffle_flag_model(), *map(lms.model, overrides)]


def switched(row: Model) -> ScopeData:
    """Within which scope a row of these tables may have switched it."""
    if course_key := getattr(row, "course_id", None):
        return ScopeData(COURSE, str(course_key))
    if organization := getattr(row, "org", None):
        return ScopeData(ORGANIZATION, organization)
    return ScopeData(INSTANCE)


def _forced(scope: ScopeData) -> bool | None:
    if scope.type == INSTANCE:
        return None
    if scope.type == COURSE:
        forced = _override("courses", COURSE_OVERRIDE, scope.key)
        if forced is not None:
            return forced
        return _override("orgs", ORGANIZATION_OVERRIDE, scope.course_key.org or "")
    return _override("orgs", ORGANIZATION_OVERRIDE, scope.key)


def _override(setting: str, label: str, key: str) -> bool | None:
    """What operators say of one course or organization: in the platform's admin pages, or else in the settings."""
    if not lms.is_installed(label):
        return settings.OPENEDX_USER_GROUPS_FLAG_OVERRIDES.get(setting, {}).get(key)
    model = lms.model(label)
    value = CourseKey.from_string(key) if label == COURSE_OVERRIDE else key
    return {"on": True, "off": False}.get(model.override_value(NAME, value))  # type: ignore[attr-defined]
