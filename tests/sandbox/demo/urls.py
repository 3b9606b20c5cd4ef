"""The addresses of the sandbox's pages."""

from django.urls import path

from tests.sandbox.demo import views

app_name = "sandbox"
urlpatterns = [
    path("", views.scopes, name="scopes"),
    path("groups/<uuid:uuid>/", views.group, name="group"),
]
