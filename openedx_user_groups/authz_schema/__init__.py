"""Permissions and roles of user groups, for openedx-authz to load where it is installed.

It reads them while Django may not be set up, so nothing is imported here.
"""


def directories() -> list[str]:
    """Where the schema files are: what the entry point ``authz.schema`` is asked for."""
    return ["openedx_user_groups/authz_schema"]
