"""Criteria whose config names a block of the course."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey, UsageKey

from ..data import COURSE
from ..exceptions import CriterionUnavailable
from ..population.course_structure import Block, has_block, outline
from .base import Asking, Criterion, Schema

USAGE_KEY: Schema = {"type": "string", "minLength": 1, "maxLength": 255}


class BlockCriterion(Criterion):
    """Looks the structure of a course up once for all that is named in it."""

    scopes = (COURSE,)
    suggests: ClassVar[Sequence[str]] = ("usage_key",)

    @property
    def block(self) -> UsageKey:
        """The block, with the run of the course, which old keys leave out; raises InvalidKeyError."""
        course: CourseKey = self.scope.course_key
        key = UsageKey.from_string(self.config["usage_key"])
        own: Any = key.context_key
        if own.deprecated and own.run is None and (own.org, own.course) == (course.org, course.course):
            return key.map_into_course(course)
        if own != course:
            raise InvalidKeyError(UsageKey, self.config["usage_key"])  # type: ignore[no-untyped-call]
        return key

    @property
    def block_title(self) -> str:
        """What people call the block, in quotation marks; its key where nothing is known of it."""
        try:
            title = self._titles.get(self.block)
        except InvalidKeyError:
            title = None
        return _("“{name}”").format(name=title) if title else str(self.config["usage_key"])

    @cached_property
    def _titles(self) -> Mapping[UsageKey, str]:
        return _titles(self.scope.course_key)

    @classmethod
    def look_up(cls, asked: Sequence[Self]) -> None:
        super().look_up(asked)
        titles = {course: _titles(course) for course in {each.scope.course_key for each in asked}}
        for each in asked:
            each._titles = titles[each.scope.course_key]

    @classmethod
    def suggestions(cls, asking: Asking, key: str, search: str) -> Mapping[str, str]:
        offered = [block for block in outline(asking.scope.course_key) if cls.offers(block)]
        return {str(block.key): block.title for block in offered}

    @classmethod
    def offers(cls, block: Block) -> bool:
        """Whether it makes sense to ask about a block."""
        raise NotImplementedError

    def problems(self) -> Iterable[tuple[str, str]]:
        yield from super().problems()
        key = self.config["usage_key"]
        try:
            is_there = has_block(self.scope.course_key, self.block)
        except InvalidKeyError:
            is_there = False
        except CriterionUnavailable:
            return
        if not is_there:
            yield "usage_key", _("{key!r} is no block of this course.").format(key=key)


def _titles(course: CourseKey) -> Mapping[UsageKey, str]:
    try:
        return {block.key: block.title for block in outline(course)}
    except CriterionUnavailable:
        # A sentence with keys in it is better than none.
        return {}
