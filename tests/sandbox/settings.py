"""Settings of the sandbox, put together as the platform puts its own together: plugins come last."""

import os
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from edx_django_utils.plugins import add_plugins, get_plugin_apps

from tests.sandbox.databases import database

CHECKOUT = Path(__file__).resolve().parents[2]
SANDBOX = CHECKOUT / "tests" / "sandbox"

# The stand-ins live at the platform's own module paths: common, lms and openedx.
sys.path.append(str(SANDBOX / "edx_platform"))

from openedx.core.djangoapps.plugins.constants import ProjectType, SettingsType  # noqa: E402

SECRET_KEY = "not a secret: the sandbox holds invented people only"
DEBUG = os.environ.get("SANDBOX_DEBUG", "0") == "1"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "tests.sandbox.urls"
SERVICE_VARIANT = "lms"

PLUGIN_APPS = get_plugin_apps(ProjectType.LMS)
# A plugin that is not installed, or fails to be imported, is passed over in silence.
if not any(app.startswith("openedx_user_groups.") for app in PLUGIN_APPS):
    raise ImproperlyConfigured(
        "The sandbox finds the product by its entry points: run 'pip install -e .', "
        "and see whether openedx_user_groups.apps can be imported."
    )

DATABASES = {"default": database(CHECKOUT)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "simple_history",
    "social_django",
    "waffle",
    "organizations",
    "openedx_events",
    "common.djangoapps.course_modes",
    "common.djangoapps.student",
    "lms.djangoapps.certificates",
    "lms.djangoapps.courseware",
    "lms.djangoapps.grades",
    "lms.djangoapps.teams",
    "openedx.core.djangoapps.content.block_structure",
    "openedx.core.djangoapps.content.course_overviews",
    "openedx.core.djangoapps.content_libraries",
    "openedx.core.djangoapps.course_groups",
    "openedx.core.djangoapps.plugins",
    "openedx.core.djangoapps.user_api",
    "openedx.core.djangoapps.waffle_utils",
    "tests.sandbox.demo",
    *PLUGIN_APPS,
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "edx_django_utils.cache.middleware.RequestCacheMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "crum.CurrentRequestUserMiddleware",
    "waffle.middleware.WaffleMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "openedx_user_groups:pages:panel"
# Hashing 10,000 passwords well would take minutes, and these are printed on the login page.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# As on the platform: web tokens of other services, and the session of who is logged in.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "edx_rest_framework_extensions.auth.jwt.authentication.JwtAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
JWT_AUTH = {"JWT_AUTH_HEADER_PREFIX": "JWT"}
# Nobody watches the sandbox; the default is a service that wants a package of its own.
OPENEDX_TELEMETRY: list[str] = []
# The schema of the REST API, with a page that tries it out; scripts and styles of the page come from here, too.
SPECTACULAR_SETTINGS = {
    "TITLE": "User groups",
    "DESCRIPTION": "Groups of people in courses, organizations and the whole instance.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "PREPROCESSING_HOOKS": ["tests.sandbox.schema.endpoints_of_the_product"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

CELERY_BROKER_URL = os.environ.get("BROKER") or "memory://localhost/"
CELERY_TASK_ALWAYS_EAGER = not os.environ.get("BROKER")
CELERY_TASK_EAGER_PROPAGATES = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}

OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT = True
# Where the example plugin finds its register of students.
CAMPUS_REGISTER = str(CHECKOUT / "tests" / "example_plugin" / "register.csv")

add_plugins(__name__, ProjectType.LMS, SettingsType.COMMON)
add_plugins(__name__, ProjectType.LMS, SettingsType.TEST)
