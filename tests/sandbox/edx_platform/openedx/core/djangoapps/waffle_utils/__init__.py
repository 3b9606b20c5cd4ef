"""Feature flags that a course or an organization may override."""

from edx_django_utils.cache import RequestCache
from edx_toggles.toggles import WaffleFlag
from opaque_keys.edx.keys import CourseKey

FORCED = {"on": True, "off": False}


class CourseWaffleFlag(WaffleFlag):
    """A flag that answers for a course: its own override, its organization's, the flag, else False."""

    def is_enabled(self, course_key: CourseKey | None = None) -> bool:
        """Tell whether the flag is on in the course, or on the whole where no course is given."""
        if isinstance(course_key, CourseKey):
            forced = self._forced_in_course(course_key)
            if forced is None:
                forced = self._forced_in_org(course_key.org)
            if forced is not None:
                return forced
        return super().is_enabled()

    def is_enabled_for_org(self, org: str) -> bool:
        """Tell whether the flag is on in the organization."""
        forced = self._forced_in_org(org)
        return super().is_enabled() if forced is None else forced

    def _forced_in_course(self, course_key: CourseKey) -> bool | None:
        # Models cannot be imported while applications are loading, and flags are made then.
        from openedx.core.djangoapps.waffle_utils.models import WaffleFlagCourseOverrideModel

        return self._forced(WaffleFlagCourseOverrideModel, "course", course_key)

    def _forced_in_org(self, org: str) -> bool | None:
        from openedx.core.djangoapps.waffle_utils.models import WaffleFlagOrgOverrideModel

        return self._forced(WaffleFlagOrgOverrideModel, "org", org)

    def _forced(self, model: type, tier: str, key: CourseKey | str) -> bool | None:
        """Look the override up once per request, as the platform does."""
        cache = RequestCache("CourseWaffleFlag").data
        cache_key = f"{self.name}.{tier}.{key}"
        if cache_key not in cache:
            cache[cache_key] = FORCED.get(model.override_value(self.name, key))
        return cache[cache_key]
