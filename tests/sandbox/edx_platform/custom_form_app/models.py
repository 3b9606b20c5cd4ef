"""What people are asked in addition, in columns."""

from django.conf import settings
from django.db import models


class ExtraInfo(models.Model):
    """
    The answers of one user.

    .. no_pii: Holds personal data on a platform; here the users are invented.
    """

    # NULL while somebody is registering.
    user = models.OneToOneField(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE)
    department = models.CharField(max_length=100, blank=True, null=True)
    employees = models.IntegerField(default=0)
    newsletter = models.BooleanField(default=False)
    hired = models.DateField(null=True)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.department}"
