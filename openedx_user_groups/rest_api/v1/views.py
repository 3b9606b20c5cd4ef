"""The endpoints of version 1."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ... import api
from .serializers import CriterionTypeSerializer


class CriterionTypeListView(APIView):
    """The criterion types that rules can be made of, each with the JSON Schema of every operator's config."""

    permission_classes = (IsAuthenticated,)

    def get(self, request: Request) -> Response:
        """All of them, by name; those that this service cannot use say why."""
        types: Any = api.criterion_types()
        return Response(CriterionTypeSerializer(types, many=True).data)
