"""What a criterion is; all that the author of a plugin needs."""

from ..rules.combine import among
from .base import Criterion, Operator
from .registry import register

__all__ = ["Criterion", "Operator", "among", "register"]
