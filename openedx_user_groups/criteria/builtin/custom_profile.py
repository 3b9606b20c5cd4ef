"""The criterion about fields of the profile that an operator of the platform has added."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, ClassVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ...data import COURSE, INSTANCE, ORGANIZATION
from ...exceptions import CriterionUnavailable
from ...ids import IsAnyOf
from ...platform import lms
from .. import themes
from ..base import Asking, Operator, Schema
from ..kinds import Opposable
from ..registry import register
from ..schemas import values
from ..texts import text_sentence, text_test, texts

PROFILE = "student.UserProfile"
ROWS_AT_A_TIME = 5_000
# Of so many people, those who registered last, the fields that they have are suggested.
PEOPLE_LOOKED_AT = 1_000
_FIELD: Schema = {"type": "string", "minLength": 1, "maxLength": 255}


def _extension_tables() -> list[str]:
    """The table that the platform is configured to keep such fields in, if there is one."""
    try:
        model = lms.extension_model()
    except CriterionUnavailable:
        return []
    return [model._meta.label] if model is not None else []


@register("custom_profile_field")
class CustomProfileField(Opposable):
    """The text of a field that was added to the profile; only the case of ASCII letters is ignored.

    It is read from the JSON of the profile, or from the model that the platform is configured to keep such fields in.
    What is no text there compares as its JSON: 7, true, ["a", "b"]. Null, and JSON that cannot be read, is no data.
    """

    title = gettext_lazy("Custom field of the profile")
    theme = themes.PROFILE
    summary = gettext_lazy("A field that your platform has added to the profile.")
    keywords = gettext_lazy("extra additional registration form")
    scopes = (COURSE, ORGANIZATION, INSTANCE)
    operators: ClassVar[Mapping[Operator, Schema]] = {
        **texts(_FIELD),
        **dict.fromkeys((Operator.IN, Operator.NOT_IN), values("values", field=_FIELD)),
    }
    suggests = ("field",)
    reads = (PROFILE,)
    updated_by: ClassVar = {PROFILE: "user_id", **dict.fromkeys(_extension_tables(), "user_id")}
    columns: ClassVar = {PROFILE: ("meta",)}
    refresh_every = timedelta(days=1)
    example: ClassVar = {"operator": "in", "config": {"field": "department", "values": ["Chemistry", "Physics"]}}

    def positive(self, operator: Operator) -> Q:
        passes = text_test(operator, self.config)
        return self.staged(pk for pk, text in self._texts() if passes(text))

    def unknown(self) -> Q:
        return ~self.staged(pk for pk, _text in self._texts())

    def values(self) -> Mapping[int, Any]:
        return dict(self._texts())

    @classmethod
    def suggestions(cls, asking: Asking, key: str, search: str) -> Mapping[str, str]:
        asked = cls(Operator.IS_NOT_EMPTY, {}, asking)
        newest = asked._asked_about(asked.source("lms").profiles()).order_by("-user_id")
        metas = newest.values_list("meta", flat=True)[:PEOPLE_LOOKED_AT]
        in_json = {field for meta in metas for field in _parsed(meta or "")}
        found = dict.fromkeys(sorted(in_json)) | _columns(lms.extension_model())
        return {field: f"{title} ({field})" if title and title != field else field for field, title in found.items()}

    @classmethod
    def unavailable(cls) -> str:
        try:
            lms.extension_model()
        except CriterionUnavailable as error:
            return error.message
        return super().unavailable()

    def _texts(self) -> Iterator[tuple[int, str]]:
        """Whoever has a text in the field, with it."""
        field = self.config["field"]
        profiles = self._asked_about(self.source("lms").profiles())
        extension = _extension(field)
        if extension is not None:
            # Whoever has a row there has moved: their JSON is what it was before.
            profiles = profiles.filter(~Exists(extension.filter(user_id=OuterRef("user_id"))))
            yield from _filled((pk, value) for pk, value in _in_chunks(self._asked_about(extension), field))
        yield from _filled((pk, _parsed(meta).get(field)) for pk, meta in _in_chunks(profiles.exclude(meta=""), "meta"))

    def _asked_about(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of ``rows`` that are about users of the scope, or about ``users``."""
        if self.scope.type != INSTANCE:
            rows = rows.filter(user_id__in=self.source("lms").enrollments().values("user_id"))
        return rows if self.users is None else rows.filter(IsAnyOf("user_id", self.users))

    def describe(self) -> str:
        field = self.config["field"]
        if self.operator not in (Operator.IN, Operator.NOT_IN):
            return text_sentence(self.operator, field, self.config)
        sentence = _("{subject} is {listed}") if self.operator == Operator.IN else _("{subject} is not {listed}")
        return sentence.format(subject=field, listed=_(" or ").join(self.config["values"]))


def _extension(field: str) -> QuerySet[Any] | None:
    """The rows of the platform's extension model, where that has a column for the field."""
    model: type[Model] | None = lms.extension_model()
    if model is None or field not in _columns(model):
        return None
    return model._default_manager.order_by().filter(user_id__isnull=False)


def _columns(model: type[Model] | None) -> dict[str, str]:
    """The columns of the extension model that may be asked about, with their titles."""
    columns = model._meta.concrete_fields if model is not None else ()
    own = [column for column in columns if not column.is_relation and not column.primary_key]
    return {column.name: str(column.verbose_name) for column in own}


def _in_chunks(rows: QuerySet[Any], column: str) -> Iterator[tuple[int, Any]]:
    """The user and the column of each row; never all in memory at once."""
    ordered, last = rows.order_by("user_id").values_list("user_id", column), 0
    while True:
        chunk = list(ordered.filter(user_id__gt=last)[:ROWS_AT_A_TIME])
        yield from chunk
        if len(chunk) < ROWS_AT_A_TIME:
            return
        last = chunk[-1][0]


def _parsed(meta: str) -> Mapping[str, Any]:
    try:
        found = json.loads(meta)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _filled(given: Iterator[tuple[int, Any]]) -> Iterator[tuple[int, str]]:
    """Those who have a text, with it."""
    for pk, value in given:
        if text := _text(value):
            yield pk, text


def _text(value: Any) -> str:
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, bool | int | float | list | dict) else str(value)
    # Half of a surrogate pair, which JSON can hold, is no text.
    return text.encode(errors="replace").decode()
