"""Certificates of learners."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from opaque_keys.edx.django.models import CourseKeyField


class EligibleCertificateManager(models.Manager["GeneratedCertificate"]):
    """Leaves out what audit learners and unverified learners were refused."""

    def get_queryset(self) -> "models.QuerySet[GeneratedCertificate]":
        """Return the certificates that could be given."""
        return super().get_queryset().exclude(status__in=("audit_passing", "audit_notpassing"))


class GeneratedCertificate(models.Model):
    """
    The certificate of a learner in a course; ``downloadable`` is the status of a valid one.

    .. no_pii: Holds the learner's name in the platform; here the learners are invented.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    course_id = CourseKeyField(max_length=255, blank=True, default=None)
    verify_uuid = models.CharField(max_length=32, blank=True, default="", db_index=True)
    grade = models.CharField(max_length=5, blank=True, default="")
    key = models.CharField(max_length=32, blank=True, default="")
    distinction = models.BooleanField(default=False)
    status = models.CharField(max_length=32, default="unavailable")
    mode = models.CharField(max_length=32, default="honor")
    name = models.CharField(blank=True, max_length=255)
    created_date = models.DateTimeField(default=timezone.now)
    modified_date = models.DateTimeField(default=timezone.now)
    download_uuid = models.CharField(max_length=32, blank=True, default="")
    download_url = models.CharField(max_length=128, blank=True, default="")
    error_reason = models.CharField(max_length=512, blank=True, default="")

    objects = models.Manager()
    eligible_certificates = EligibleCertificateManager()

    class Meta:
        unique_together = ("user", "course_id")

    def __str__(self) -> str:
        return f"{self.user_id} in {self.course_id}: {self.status}"
