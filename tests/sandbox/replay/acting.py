"""Acting: each act writes the platform's rows and sends its events, in a transaction of its own as a request would."""

from collections import Counter, defaultdict
from datetime import datetime
from time import perf_counter

from django.contrib.auth.models import User
from django.db import transaction
from opaque_keys.edx.keys import CourseKey
from openedx_events.learning import data, signals
from organizations.models import Organization, OrganizationCourse

from common.djangoapps.student.models import CourseEnrollment, UserProfile
from lms.djangoapps.grades.models import PersistentCourseGrade
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from tests.sandbox.demo.oulad.mapping import ORGANIZATION, PASSING_GRADE, RunName
from tests.sandbox.demo.records import NO_PASSWORD
from tests.sandbox.demo.sequences import reset_sequences
from tests.sandbox.replay.stream import ENROLLS, HANDS_IN, UNENROLLS, Act, Calendar, Stream

BATCH = 5_000


class Platform:
    """The platform with the dataset's people and courses, and with nobody enrolled yet."""

    def __init__(self, stream: Stream, calendar: Calendar) -> None:
        self.stream = stream
        self.calendar = calendar
        self.users: dict[int, User] = {}
        self.courses: dict[RunName, CourseOverview] = {}
        self.seconds: dict[str, float] = defaultdict(float)
        self.acts: Counter[str] = Counter()

    def prepare(self) -> None:
        """Write the people and the courses."""
        with transaction.atomic():
            organization = Organization.objects.create(short_name=ORGANIZATION, name="The Open University")
            for name, run in self.stream.runs.items():
                key = CourseKey.from_string(run.course_key)
                self.courses[name] = CourseOverview.objects.create(
                    id=key, org=ORGANIZATION, display_name=f"{run.module} {run.presentation}"
                )
                OrganizationCourse.objects.create(course_id=run.course_key, organization=organization)
            self._save_people()

    def _save_people(self) -> None:
        joined, last = self.stream.first_acts(), self.stream.acts[-1].when
        for student in self.stream.students.values():
            self.users[student.id] = User(
                id=student.id,
                username=student.username,
                email=f"{student.username}@example.com",
                password=NO_PASSWORD,
                date_joined=self.calendar.at(joined.get(student.id, last), student.id),
            )
        User.objects.bulk_create(self.users.values(), batch_size=BATCH)
        profiles = (
            UserProfile(user_id=one.id, name=one.username, gender=one.gender, city=one.city)
            for one in self.stream.students.values()
        )
        UserProfile.objects.bulk_create(profiles, batch_size=BATCH)
        reset_sequences([User])
        for user in self.users.values():
            user._state.adding = False

    def act(self, act: Act) -> None:
        """Do it, and note how long it took."""
        do = {ENROLLS: self._enroll, UNENROLLS: self._unenroll, HANDS_IN: self._hand_in}
        began = perf_counter()
        with transaction.atomic():
            do[act.kind](act, self.users[act.student_id], self.calendar.at(act.when, act.student_id))
        self.seconds[act.kind] += perf_counter() - began
        self.acts[act.kind] += 1

    def _enroll(self, act: Act, user: User, when: datetime) -> None:
        """As CourseEnrollment.enroll: an inactive row, which is then updated, and two events."""
        enrollment, _made = CourseEnrollment.objects.get_or_create(
            user=user, course=self.courses[act.run], defaults={"is_active": False, "mode": act.mode, "created": when}
        )
        enrollment.is_active, enrollment.mode = True, act.mode
        enrollment.save()
        told = self._enrollment_data(enrollment, user)
        signals.COURSE_ENROLLMENT_CHANGED.send_event(enrollment=told)
        signals.COURSE_ENROLLMENT_CREATED.send_event(enrollment=told)

    def _unenroll(self, act: Act, user: User, _when: datetime) -> None:
        enrollment = CourseEnrollment.objects.get(user=user, course=self.courses[act.run])
        enrollment.is_active = False
        enrollment.save()
        told = self._enrollment_data(enrollment, user)
        signals.COURSE_ENROLLMENT_CHANGED.send_event(enrollment=told)
        signals.COURSE_UNENROLLMENT_COMPLETED.send_event(enrollment=told)

    def _log_in(self, user: User, when: datetime) -> None:
        user.last_login = when
        user.save(update_fields=["last_login"])
        signals.SESSION_LOGIN_COMPLETED.send_event(user=_user_data(user))

    def _hand_in(self, act: Act, user: User, when: datetime) -> None:
        if act.logs_in:
            self._log_in(user, when)
        if act.grade is not None:
            self._grade(act, user, when)

    def _grade(self, act: Act, user: User, when: datetime) -> None:
        """A row and an event each time, and another event where it decides whether somebody passes."""
        course = data.CourseData(course_key=self.courses[act.run].id)
        where = {"user_id": user.pk, "course_id": course.course_key}
        old = PersistentCourseGrade.objects.select_for_update().filter(**where).first()
        had_passed = old is not None and old.percent_grade >= PASSING_GRADE
        row = old or PersistentCourseGrade(**where, created=when)
        row.percent_grade, row.modified = act.grade, when
        row.letter_grade = "Pass" if act.has_passed else ""
        row.passed_timestamp = (row.passed_timestamp or when) if act.has_passed else None
        row.save()
        signals.PERSISTENT_GRADE_SUMMARY_CHANGED.send_event(grade=_grade_data(row, course))
        if had_passed != act.has_passed:
            status = data.CoursePassingStatusData(is_passing=act.has_passed, user=_user_data(user), course=course)
            signals.COURSE_PASSING_STATUS_UPDATED.send_event(course_passing_status=status)

    def _enrollment_data(self, row: CourseEnrollment, user: User) -> data.CourseEnrollmentData:
        return data.CourseEnrollmentData(
            user=_user_data(user),
            course=data.CourseData(course_key=row.course_id),
            mode=row.mode,
            is_active=row.is_active,
            creation_date=row.created,
        )


def _user_data(user: User) -> data.UserData:
    pii = data.UserPersonalData(username=user.username, email=user.email)
    return data.UserData(id=user.pk, is_active=user.is_active, pii=pii)


def _grade_data(row: PersistentCourseGrade, course: data.CourseData) -> data.PersistentCourseGradeData:
    return data.PersistentCourseGradeData(
        user_id=row.user_id,
        course=course,
        course_edited_timestamp=row.created,
        course_version="",
        grading_policy_hash="",
        percent_grade=row.percent_grade,
        letter_grade=row.letter_grade,
        passed_timestamp=row.passed_timestamp,
    )
