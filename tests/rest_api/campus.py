"""People with their roles around two courses of one organization and one of another, as the REST API meets them."""

from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.urls import reverse
from rest_framework.test import APIClient

from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from openedx_user_groups.data import ScopeData
from tests.factories import a_course, a_learner, a_user, disable, has_role, scope_of_course

KEY = "course-v1:Acme+A1+2026"
SIBLING_KEY = "course-v1:Acme+A2+2026"
FOREIGN_KEY = "course-v1:Other+O1+2026"


class Campus:
    """Three courses, and who works there; everybody is made when first asked for."""

    def __init__(self) -> None:
        self.course = a_course(KEY)
        self.sibling = a_course(SIBLING_KEY)
        self.foreign = a_course(FOREIGN_KEY)
        self._people: dict[str, User | AnonymousUser] = {}

    @property
    def scope(self) -> ScopeData:
        """The scope of the course that most is about."""
        return scope_of_course(self.course)

    def person(self, who: str) -> User | AnonymousUser:
        """Somebody by what they are."""
        if who not in self._people:
            self._people[who] = getattr(self, f"_{who}")()
        return self._people[who]

    def client(self, who: str) -> APIClient:
        """A client in which they are logged in, as the platform logs people in."""
        client = APIClient()
        user = self.person(who)
        if isinstance(user, User):
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def _anonymous(self) -> AnonymousUser:
        return AnonymousUser()

    def _learner(self) -> User:
        return a_learner(self.course, username="learner")

    def _staff(self) -> User:
        return self._with_role("staff", "staff", self.course)

    def _instructor(self) -> User:
        return self._with_role("instructor", "instructor", self.course)

    def _limited_staff(self) -> User:
        return self._with_role("limited_staff", "limited_staff", self.course)

    def _staff_of_another_course(self) -> User:
        return self._with_role("staff_of_another_course", "staff", self.sibling)

    def _staff_of_the_organization(self) -> User:
        return self._with_role("staff_of_the_organization", "staff", org="Acme")

    def _staff_of_another_organization(self) -> User:
        return self._with_role("staff_of_another_organization", "staff", org="Other")

    def _global_staff(self) -> User:
        return a_user(username="global_staff", is_staff=True)

    def _superuser(self) -> User:
        return a_user(username="superuser", is_superuser=True)

    def _disabled(self) -> User:
        user = self._with_role("disabled", "staff", self.course)
        disable(user)
        return user

    def _inactive(self) -> User:
        return self._with_role("inactive", "staff", self.course, is_active=False)

    def _with_role(self, username: str, role: str, *where: Any, org: str = "", **fields: Any) -> User:
        user = a_user(username=username, **fields)
        has_role(user, role, *where, org=org)
        return user


def address(name: str, *args: Any) -> str:
    """The path of an endpoint."""
    return reverse(f"openedx_user_groups:{name}", args=args)


def course_scope_json(course: CourseOverview) -> dict[str, str]:
    """The scope of a course in the body of a request."""
    return {"type": "course", "key": str(course.id)}
