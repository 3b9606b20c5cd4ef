"""Ids from outside the database; runs that are waiting, have a UUID and tell how far they are."""

from uuid import uuid4

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F


def tell_stored_runs_apart(apps, schema_editor):
    """Runs of before this migration began when they were requested, and get a UUID each."""
    runs = apps.get_model("openedx_user_groups", "RefreshRun").objects.using(schema_editor.connection.alias)
    runs.filter(requested__isnull=True).update(requested=F("started"))
    while stored := list(runs.filter(uuid__isnull=True).order_by("pk").only("pk")[:1_000]):
        for run in stored:
            run.uuid = uuid4()
        runs.bulk_update(stored, ["uuid"])


class Migration(migrations.Migration):
    dependencies = (
        ("openedx_user_groups", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    )

    operations = (
        migrations.CreateModel(
            name="Stage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created", models.DateTimeField(auto_now_add=True, db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="StagedUser",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("leaf", models.PositiveIntegerField()),
                (
                    "stage",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="users",
                        to="openedx_user_groups.stage",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": (
                    models.UniqueConstraint(
                        fields=("stage", "leaf", "user"), name="user_groups_one_staged_row_per_user"
                    ),
                ),
            },
        ),
        migrations.AddField("refreshrun", "uuid", models.UUIDField(null=True, editable=False)),
        migrations.AddField("refreshrun", "requested", models.DateTimeField(null=True)),
        migrations.AddField("refreshrun", "total", models.PositiveIntegerField(null=True, blank=True)),
        migrations.AddField("refreshrun", "done", models.PositiveIntegerField(default=0)),
        migrations.AddField(
            "refreshrun",
            "requested_by",
            models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunPython(tell_stored_runs_apart, migrations.RunPython.noop),
        migrations.AlterField("refreshrun", "uuid", models.UUIDField(default=uuid4, unique=True, editable=False)),
        migrations.AlterField("refreshrun", "requested", models.DateTimeField()),
        migrations.AlterField("refreshrun", "started", models.DateTimeField(null=True, blank=True)),
        migrations.AlterField("refreshrun", "lease_token", models.BigIntegerField(default=0)),
        migrations.RemoveIndex("refreshrun", "user_groups_runs"),
        migrations.AddIndex("refreshrun", models.Index(fields=("group", "-requested"), name="user_groups_runs")),
    )
