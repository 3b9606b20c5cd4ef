"""Content libraries."""

from django.db import models
from organizations.models import Organization


class ContentLibrary(models.Model):
    """A library of an organization."""

    org = models.ForeignKey(Organization, on_delete=models.PROTECT)
    slug = models.SlugField(allow_unicode=True)

    class Meta:
        unique_together = (("org", "slug"),)
