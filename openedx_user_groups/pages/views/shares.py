"""What decides by itself who is in which group: chance by weights, and the choices of a criterion."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ... import api
from ...exceptions import InvalidInput, WrongStatus
from ...models import GroupCollection
from .collection import CollectionView

PREFIX = "weight:"


class Weights(CollectionView):
    """How a random collection shares people out."""

    def post(self, request: HttpRequest, collection_uuid: UUID) -> HttpResponse:
        """Give its groups other weights; so many people move as there are too many in a group then."""
        row = self.managed(collection_uuid)
        typed = {
            name.removeprefix(PREFIX): str(value) for name, value in request.POST.items() if name.startswith(PREFIX)
        }
        try:
            moved = api.set_weights(row.uuid, _read(typed), **self.acting())
        except InvalidInput as error:
            return self.board(row, error, typed={"weights": typed})
        return self.done(row, _moved(moved))


def _read(typed: dict[str, str]) -> dict[UUID, int]:
    try:
        return {UUID(name): int(weight) for name, weight in typed.items()}
    except ValueError:
        raise InvalidInput("weights", _("Each weight is a whole number; 0 is for a group that gets nobody.")) from None


def _moved(number: int) -> str:
    if not number:
        return _("The weights are as you gave them; nobody had to move.")
    sentence = ngettext(
        "The weights are as you gave them; {number} person has moved to another group.",
        "The weights are as you gave them; {number} people have moved to another group.",
        number,
    )
    return sentence.format(number=number)


class Drawing(CollectionView):
    """Putting everybody else into groups by chance."""

    def post(self, request: HttpRequest, collection_uuid: UUID) -> HttpResponse:
        """Do it now; the schedule does it, too."""
        row = self.managed(collection_uuid)
        if row.kind != GroupCollection.Kind.RANDOM:
            raise WrongStatus(_("In this collection chance decides nothing."))
        drawn = api.draw_newcomers(row.uuid)
        sentence = ngettext(
            "{number} person has been put into a group.", "{number} people have been put into groups.", drawn
        )
        return self.done(row, sentence.format(number=drawn) if drawn else _("There was nobody to put into a group."))


class Choices(CollectionView):
    """Groups for choices that are new."""

    def post(self, request: HttpRequest, collection_uuid: UUID) -> HttpResponse:
        """Look for them now; the schedule does it, too."""
        row = self.managed(collection_uuid)
        if row.kind != GroupCollection.Kind.GENERATED:
            raise WrongStatus(_("The groups of this collection are not made of the choices of a criterion."))
        made = api.keep_generated(row.uuid, **self.acting())
        sentence = ngettext("There is {number} new group.", "There are {number} new groups.", made)
        return self.done(row, sentence.format(number=made) if made else _("There are no new choices."))
