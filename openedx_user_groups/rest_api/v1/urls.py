"""The addresses of version 1.

What is named in them is text here, and looked up by the endpoints: of what does not exist, malformed or not, all
answers are the same.
"""

from __future__ import annotations

from django.urls import path

from .views.arranging import (
    ChoicesEndpoint,
    CollectionGroupsEndpoint,
    OverlapEndpoint,
    OverlapPeopleEndpoint,
    WeightsEndpoint,
)
from .views.collections import CollectionsEndpoint, EnrollmentTracksEndpoint
from .views.criterion_types import CriterionTypesEndpoint, RuleTemplatesEndpoint
from .views.drafts import DraftEndpoint, DraftPeopleEndpoint
from .views.groups import GroupsEndpoint, RevisionsEndpoint
from .views.imports import ImportsEndpoint
from .views.members import ExclusionsEndpoint, MembersEndpoint
from .views.places import OffersEndpoint, PlacesEndpoint
from .views.refreshes import HeldPeopleEndpoint, RefreshesEndpoint, UndoEndpoint
from .views.rules import ExplanationsEndpoint, PreviewsEndpoint
from .views.users import UserGroupsEndpoint

app_name = "openedx_user_groups"

LIST = {"get": "list"}
MAKE = {"post": "create"}
READ = {"get": "retrieve"}
CHANGE = {"patch": "partial_update"}
PUT = {"put": "update"}
DELETE = {"delete": "destroy"}

GROUP = "groups/<str:group_uuid>/"
COLLECTION = "collections/<str:collection_uuid>/"

urlpatterns = [
    path("groups/", GroupsEndpoint.as_view(LIST | MAKE), name="groups"),
    path(GROUP, GroupsEndpoint.as_view(READ | CHANGE | DELETE), name="group"),
    path(f"{GROUP}members/", MembersEndpoint.as_view(LIST | MAKE | CHANGE), name="members"),
    path(f"{GROUP}members/<str:username>/", MembersEndpoint.as_view(READ | DELETE), name="member"),
    path(f"{GROUP}exclusions/", ExclusionsEndpoint.as_view(LIST | MAKE), name="exclusions"),
    path(f"{GROUP}exclusions/<str:username>/", ExclusionsEndpoint.as_view(DELETE), name="exclusion"),
    path(f"{GROUP}imports/", ImportsEndpoint.as_view(MAKE), name="imports"),
    path(f"{GROUP}refreshes/", RefreshesEndpoint.as_view(LIST | MAKE), name="refreshes"),
    path(f"{GROUP}refreshes/<str:run_uuid>/", RefreshesEndpoint.as_view(READ | CHANGE), name="refresh"),
    path(f"{GROUP}refreshes/<str:run_uuid>/people/", HeldPeopleEndpoint.as_view(LIST), name="held-people"),
    path(f"{GROUP}draft/", DraftEndpoint.as_view(READ | DELETE), name="draft"),
    path(f"{GROUP}draft/people/", DraftPeopleEndpoint.as_view(LIST), name="draft-people"),
    path(f"{GROUP}undo/", UndoEndpoint.as_view(MAKE), name="undo"),
    path(f"{GROUP}revisions/", RevisionsEndpoint.as_view(LIST), name="revisions"),
    path(f"{GROUP}revisions/<str:number>/", RevisionsEndpoint.as_view(READ), name="revision"),
    path(f"{GROUP}explanations/", ExplanationsEndpoint.as_view(MAKE), name="explanations"),
    path("previews/", PreviewsEndpoint.as_view(MAKE), name="previews"),
    path("collections/", CollectionsEndpoint.as_view(LIST | MAKE), name="collections"),
    path(COLLECTION, CollectionsEndpoint.as_view(READ | CHANGE | DELETE), name="collection"),
    path(f"{COLLECTION}groups/", CollectionGroupsEndpoint.as_view(LIST | MAKE), name="collection-groups"),
    path(f"{COLLECTION}{GROUP}", CollectionGroupsEndpoint.as_view(DELETE), name="collection-group"),
    path(f"{COLLECTION}overlaps/<str:group_uuid>/", OverlapEndpoint.as_view(READ), name="overlap"),
    path(f"{COLLECTION}overlaps/<str:group_uuid>/people/", OverlapPeopleEndpoint.as_view(LIST), name="overlap-people"),
    path(f"{COLLECTION}weights/", WeightsEndpoint.as_view(CHANGE), name="weights"),
    path(f"{COLLECTION}choices/", ChoicesEndpoint.as_view(MAKE), name="choices"),
    path("enrollment_tracks/", EnrollmentTracksEndpoint.as_view(MAKE), name="enrollment-tracks"),
    path("criterion_types/", CriterionTypesEndpoint.as_view(LIST), name="criterion-types"),
    path("criterion_types/<str:name>/", CriterionTypesEndpoint.as_view(READ), name="criterion-type"),
    path("rule_templates/", RuleTemplatesEndpoint.as_view(LIST), name="rule-templates"),
    path("users/me/collections/", OffersEndpoint.as_view(LIST), name="offers"),
    path("users/me/collections/<str:collection_uuid>/", OffersEndpoint.as_view(READ), name="offer"),
    path("users/me/places/<str:group_uuid>/", PlacesEndpoint.as_view(READ | PUT | DELETE), name="place"),
    path("users/<str:username>/groups/", UserGroupsEndpoint.as_view(LIST), name="user-groups"),
]
