"""Criterion types, and rules made of them to begin with."""

from __future__ import annotations

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from .... import api
from ....data import CriterionTypeData
from ....web import access, queries
from ..schema import NAME
from ..serializers.criterion_types import UserGroupCriterionTypeSerializer, UserGroupRuleTemplateSerializer
from .base import Endpoint, shown


class CriterionTypesEndpoint(Endpoint):
    """The kinds of questions that rules can ask."""

    @extend_schema(parameters=[queries.CriterionTypesQuery], responses=UserGroupCriterionTypeSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Those for the scopes that one may see, by name, each with the JSON Schema of every operator's config."""
        query = self.query(queries.CriterionTypesQuery)
        return Response(shown(UserGroupCriterionTypeSerializer, _for(access.kinds_asked(self.person, query))))

    @extend_schema(parameters=[NAME], responses=UserGroupCriterionTypeSerializer)
    def retrieve(self, request: Request, name: str) -> Response:
        """One of them."""
        self.query()
        found = [each for each in _for(access.kinds(self.person)) if each.name == name]
        if not found:
            raise NotFound(_("There is no criterion type {name!r}.").format(name=name))
        return Response(shown(UserGroupCriterionTypeSerializer, found[0]))


class RuleTemplatesEndpoint(Endpoint):
    """Rules to begin with."""

    @extend_schema(parameters=[queries.CriterionTypesQuery], responses=UserGroupRuleTemplateSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Those for the scopes that one may see, of which this service can ask everything."""
        types = access.kinds_asked(self.person, self.query(queries.CriterionTypesQuery))
        found = [each for each in api.rule_templates() if types.intersection(each.scopes)]
        return Response(shown(UserGroupRuleTemplateSerializer, found))


def _for(types: set[str]) -> list[CriterionTypeData]:
    return [each for each in api.criterion_types() if types.intersection(each.scopes)]
