"""What tests of the admin share: who looks, where, and what is stored."""

from typing import Any

from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from tests.factories import a_user

MODELS = ("usergroup", "groupcollection", "refreshrun", "revision", "scope")


def page(model: str, name: str = "changelist", *args: Any) -> str:
    """The address of a page of a model."""
    return reverse(f"admin:openedx_user_groups_{model}_{name}", args=args)


def staff(*permissions: str, **fields: Any) -> User:
    """One of the staff with these permissions of ours, such as "view_usergroup"."""
    user = a_user(is_staff=True, **fields)
    ours = Permission.objects.filter(content_type__app_label="openedx_user_groups", codename__in=permissions)
    assert ours.count() == len(permissions)
    user.user_permissions.set(ours)
    return user


def a_superuser() -> User:
    """Somebody whom Django allows everything."""
    return a_user(is_staff=True, is_superuser=True)


def browser(user: User | None) -> Client:
    """A browser in which somebody is logged in."""
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def stored() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of ours."""
    models = apps.get_app_config("openedx_user_groups").get_models()
    return {model.__name__: list(model._default_manager.order_by("pk").values_list()) for model in models}


def messages(response: Any) -> list[str]:
    """What the page that follows an act says of it."""
    return [str(message) for message in response.context["messages"]]
