"""The names under which the platform looks for plugins."""


class ProjectType:
    """The two services, each with an entry point group."""

    LMS = "lms.djangoapp"
    CMS = "cms.djangoapp"


class SettingsType:
    """The settings modules that a plugin may add to."""

    COMMON = "common"
    PRODUCTION = "production"
    DEVSTACK = "devstack"
    TEST = "test"
