"""Django's admin: to look at groups, rules, runs and health, and to act on groups by the same rules as everywhere.

Nothing can be added, edited or deleted here; what can be done goes through the API.
"""

from .collections import CollectionAdmin
from .groups import GroupAdmin
from .revisions import RevisionAdmin
from .runs import RunAdmin
from .scopes import ScopeAdmin

__all__ = ["CollectionAdmin", "GroupAdmin", "RevisionAdmin", "RunAdmin", "ScopeAdmin"]
