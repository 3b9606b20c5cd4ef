"""The addresses of the pages."""

from __future__ import annotations

from django.urls import path, register_converter

from .paths import ScopeConverter
from .views.adding import AddPeople, AddToGroups, Waiting
from .views.choosing import Choice, Offers
from .views.collection import CollectionDissolution, CollectionNames, CollectionOrder, CollectionPage, CollectionRest
from .views.collections import Collections, EnrollmentTracks, GroupNames, NewCollection
from .views.drafts import DraftPage, DraftPeople, GroupRulePreview, RuleSection
from .views.exclusions import Exclusions, Lift
from .views.history import History
from .views.imports import Import, Outcomes
from .views.instructor_tab import InstructorTab
from .views.learner import Learner
from .views.members import Export, Members
from .views.overview import Overview
from .views.panel import Panel, Scopes
from .views.refreshing import Refresh, Refreshes, Undo
from .views.removing import Removal, RemovalOfAll, TakePeopleOut
from .views.revisions import Comparison, Revisions
from .views.rules import NewRule, RulePreview, RuleSuggestions
from .views.scope import ScopePage
from .views.seats import Arrival, ArrivalNames, Departure, NewSeat
from .views.settings import Confirm, NewGroup, Settings
from .views.shares import Choices, Drawing, Weights
from .views.why import Why

register_converter(ScopeConverter, "user_group_scope")

app_name = "pages"
# What can be done with a collection.
OF_COLLECTION = {
    "order": CollectionOrder,
    "names": CollectionNames,
    "dissolve": CollectionDissolution,
    "rest": CollectionRest,
    "move": Arrival,
    "candidates": ArrivalNames,
    "out": Departure,
    "groups": NewSeat,
    "weights": Weights,
    "draw": Drawing,
    "choices": Choices,
}
# The sections of the page of a group, and what is done in them.
OF_GROUP = {
    "group": ("", Overview),
    "members": ("members/", Members),
    "export": ("members/export/", Export),
    "removal": ("members/removal/", Removal),
    "removal_of_all": ("members/removal/all/", RemovalOfAll),
    "take_out": ("members/take_out/", TakePeopleOut),
    "why": ("why/", Why),
    "exclusions": ("exclusions/", Exclusions),
    "lift": ("exclusions/lift/", Lift),
    "history": ("history/", History),
    "refreshes": ("refreshes/", Refreshes),
    "refresh": ("refreshes/<uuid:run_uuid>/", Refresh),
    "undo": ("undo/", Undo),
    "revisions": ("revisions/", Revisions),
    "comparison": ("revisions/comparison/", Comparison),
}
urlpatterns = [
    path("user_groups/choose/", Offers.as_view(), name="choose"),
    path("user_groups/choose/<uuid:collection_uuid>/", Choice.as_view(), name="choice"),
    path("user_groups/collections/<uuid:collection_uuid>/", CollectionPage.as_view(), name="collection"),
    *(
        path(f"user_groups/collections/<uuid:collection_uuid>/{act}/", view.as_view(), name=f"collection_{act}")
        for act, view in OF_COLLECTION.items()
    ),
    path("user_groups/<user_group_scope:scope>/collections/", Collections.as_view(), name="collections"),
    path("user_groups/<user_group_scope:scope>/collections/new/", NewCollection.as_view(), name="new_collection"),
    path("user_groups/<user_group_scope:scope>/collections/tracks/", EnrollmentTracks.as_view(), name="tracks"),
    path("user_groups/<user_group_scope:scope>/collections/names/", GroupNames.as_view(), name="group_names"),
    path("user_groups/", Panel.as_view(), name="panel"),
    path("user_groups/scopes/", Scopes.as_view(), name="scopes"),
    path("user_groups/instructor_tab/<user_group_scope:scope>/", InstructorTab.as_view(), name="instructor_tab"),
    *(
        path(f"user_groups/groups/<uuid:group_uuid>/{rest}", view.as_view(), name=name)
        for name, (rest, view) in OF_GROUP.items()
    ),
    path("user_groups/learners/<path:username>/", Learner.as_view(), name="learner"),
    path("user_groups/groups/<uuid:group_uuid>/add/", AddPeople.as_view(), name="add"),
    path("user_groups/groups/<uuid:group_uuid>/waiting/", Waiting.as_view(), name="waiting"),
    path("user_groups/imports/<uuid:import_uuid>/", Import.as_view(), name="import"),
    path("user_groups/imports/<uuid:import_uuid>/outcomes.csv", Outcomes.as_view(), name="outcomes"),
    path("user_groups/groups/<uuid:group_uuid>/rule/", RuleSection.as_view(), name="rule"),
    path("user_groups/groups/<uuid:group_uuid>/rule/preview/", GroupRulePreview.as_view(), name="group_rule_preview"),
    path("user_groups/groups/<uuid:group_uuid>/rule/draft/", DraftPage.as_view(), name="draft"),
    path("user_groups/groups/<uuid:group_uuid>/rule/draft/<slug:of>/", DraftPeople.as_view(), name="draft_people"),
    path("user_groups/<user_group_scope:scope>/new-rule/", NewRule.as_view(), name="new_rule"),
    path("user_groups/<user_group_scope:scope>/new-rule/preview/", RulePreview.as_view(), name="rule_preview"),
    path(
        "user_groups/<user_group_scope:scope>/new-rule/suggestions/", RuleSuggestions.as_view(), name="rule_suggestions"
    ),
    path("user_groups/groups/<uuid:group_uuid>/settings/", Settings.as_view(), name="settings"),
    path("user_groups/groups/<uuid:group_uuid>/settings/<slug:act>/", Confirm.as_view(), name="confirm"),
    path("user_groups/<user_group_scope:scope>/add/", AddToGroups.as_view(), name="add_to_groups"),
    path("user_groups/<user_group_scope:scope>/new/", NewGroup.as_view(), name="new"),
    # Last, for the addresses of scopes have any number of parts.
    path("user_groups/<user_group_scope:scope>/", ScopePage.as_view(), name="scope"),
]
