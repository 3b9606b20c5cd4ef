"""Which scopes somebody may look at in the sandbox: teachers their courses, superusers all."""

from django.contrib.auth.models import User
from opaque_keys.edx.django.models import CourseKeyField
from organizations.models import Organization

from common.djangoapps.student.models import CourseAccessRole
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from openedx_user_groups import api
from openedx_user_groups.data import ScopeData

TEACHING_ROLES = ("instructor", "staff")


def scopes_of(user: User) -> list[ScopeData]:
    """Return the scopes, the narrowest first."""
    if user.is_superuser:
        organizations = Organization.objects.filter(active=True).order_by("short_name")
        return [
            *map(api.course_scope, CourseOverview.objects.order_by("id").values_list("id", flat=True)),
            *map(api.organization_scope, organizations.values_list("short_name", flat=True)),
            api.instance_scope(),
        ]
    roles = CourseAccessRole.objects.filter(user=user, role__in=TEACHING_ROLES).exclude(course_id=CourseKeyField.Empty)
    courses = CourseOverview.objects.filter(id__in=roles.values("course_id")).order_by("id")
    return [api.course_scope(key) for key in courses.values_list("id", flat=True)]
