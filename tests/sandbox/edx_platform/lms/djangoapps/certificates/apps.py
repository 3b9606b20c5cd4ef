"""Certificates of learners."""

from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    """Labelled as the platform's own application is."""

    name = "lms.djangoapps.certificates"
    label = "certificates"
