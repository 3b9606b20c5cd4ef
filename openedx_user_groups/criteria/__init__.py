"""What a criterion is; all that the author of a plugin needs."""

from .base import Criterion, Operator, among
from .registry import register

__all__ = ["Criterion", "Operator", "among", "register"]
