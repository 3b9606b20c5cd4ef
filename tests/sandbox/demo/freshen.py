"""Moves an older seed forward in time, so that what happened ten days ago still did."""

from datetime import datetime, timedelta

from completion.models import BlockCompletion
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from lms.djangoapps.certificates.models import GeneratedCertificate
from lms.djangoapps.grades.models import PersistentCourseGrade
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from tests.sandbox.demo.accounts import FIRST_ACCOUNT_ID
from tests.sandbox.demo.courses import course
from tests.sandbox.demo.models import Seeding

# Seeded instants lie twelve hours from where any answer changes; this leaves time to look around.
FRESH_FOR = timedelta(hours=6)

USER_INSTANTS = ("date_joined", "last_login")
STUDY_INSTANTS: tuple[tuple[type[models.Model], tuple[str, ...]], ...] = (
    (CourseEnrollment, ("created",)),
    (PersistentCourseGrade, ("passed_timestamp", "created", "modified")),
    (GeneratedCertificate, ("created_date", "modified_date")),
    (BlockCompletion, ("created", "modified")),
)


@transaction.atomic
def freshen() -> bool:
    """Move every seeded instant by the age of the seed, unless that is small; tell whether they moved."""
    seeding = Seeding.objects.get()
    age = timezone.now().replace(microsecond=0) - seeding.anchor
    if age < FRESH_FOR:
        return False
    keys = [course(number).key for number in range(seeding.courses)]
    _move(User.objects.filter(id__gte=FIRST_ACCOUNT_ID), USER_INSTANTS, seeding.anchor, age)
    for model, fields in STUDY_INSTANTS:
        _move(model._default_manager.filter(user_id__gte=FIRST_ACCOUNT_ID), fields, seeding.anchor, age)
    CourseOverview.objects.filter(id__in=keys).update(start=F("start") + age, end=F("end") + age)
    seeding.anchor += age
    seeding.save()
    return True


def _move(rows: models.QuerySet, fields: tuple[str, ...], anchor: datetime, age: timedelta) -> None:
    """Move what was seeded; what happened since, such as a log-in to look at the demo, stays."""
    for field in fields:
        rows.filter(**{f"{field}__lt": anchor}).update(**{field: F(field) + age})
