"""The groups that watch a replay: every way in which groups follow what happens, in each run and above the runs."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from openedx_user_groups import api
from openedx_user_groups.data import GroupData, ScopeData
from openedx_user_groups.models import UserGroup
from tests.sandbox.demo.oulad.mapping import ORGANIZATION, Run

Rule = dict[str, Any]

# The years of the dataset end yesterday, so that many were last seen about so many days ago.
AWAY = (100, 300, 500, 700)
# As often as a group can be refreshed, in seconds.
OFTEN = 60


def leaf(criterion: str, operator: str, **config: Any) -> Rule:
    """One condition of a rule."""
    return {"criterion": criterion, "operator": operator, "config": config}


VERIFIED = leaf("enrollment_mode", "in", modes=["verified"])
LEARNING = leaf("enrollment_mode", "in", modes=["audit", "verified"])


def away(place: int) -> Rule:
    """Somebody has not been seen for that long, or ever."""
    return leaf("last_login", "more_than_days_ago", days=AWAY[place % len(AWAY)])


def grade(operator: str, percent: Any) -> Rule:
    """Somebody has such a grade."""
    return leaf("course_grade", operator, percent=percent)


class StudyGroups:
    """The groups of some runs, made and active; ``everybody`` of each course, by its key."""

    def __init__(self, runs: Iterable[Run]) -> None:
        self.everybody: dict[str, UUID] = {}
        self.random: UUID | None = None
        modules: dict[str, list[Run]] = defaultdict(list)
        for run in runs:
            modules[run.module].append(run)
        chosen = [group for own in modules.values() for group in self._of_module(own)]
        self._of_organization(modules, chosen)
        self._of_instance(modules, chosen)

    def _of_module(self, runs: list[Run]) -> list[GroupData]:
        """Three groups of each run and more of the first; returns one to build on."""
        for place, run in enumerate(runs):
            scope = api.course_scope(run.course_key)
            self.everybody[run.course_key] = self._group(scope, "Learning", LEARNING).uuid
            failing = self._group(scope, "Verified and failing", VERIFIED, {"none": [grade(">=", 40)]})
            self._group(scope, "Fading", {"any": [grade("<", 30), away(place)]}, refresh_every=OFTEN)
            if place == 0:
                self._levels(scope)
                self._teams(scope, failing)
                chosen = self._built_on(scope, failing)
        return [chosen]

    def _levels(self, scope: ScopeData) -> None:
        """A collection in which a learner moves from group to group; who passes is in two of them by their rules."""
        levels = api.create_collection(scope, name="Levels", rest_name="Without a grade")
        for name, rule in (
            ("Excellent", grade(">=", 85)),
            ("Passing", leaf("course_passed", "is_true")),
            ("Graded", grade(">=", 0)),
        ):
            self._group(scope, name, rule, collection=levels.uuid)
        nobody_yet = leaf("group_member", "in", groups=[str(levels.rest_uuid)])
        self._group(scope, "Away and without a grade", nobody_yet, away(1), refresh_every=OFTEN)

    def _teams(self, scope: ScopeData, parent: GroupData) -> None:
        """Sub-groups, which lose whoever leaves the group above; and a collection that chance fills."""
        teams = api.create_collection(scope, name="Teams", parent_group=parent.uuid)
        for name, percent in (("Team 1", [0, 50]), ("Team 2", [50, 100])):
            self._group(scope, name, leaf("random_share", "between", percent=percent, seed="t"), collection=teams.uuid)
        if self.random is None:
            lots = api.create_collection(scope, name="Lots", kind="random")
            for name in ("Lot 1", "Lot 2", "Lot 3"):
                api.create_group(scope, name=name, collection=lots.uuid)
            self.random = lots.uuid

    def _built_on(self, scope: ScopeData, failing: GroupData) -> GroupData:
        """Groups built on groups, one of them by two ways."""
        middle = self._group(
            scope, "Neither failing nor far", leaf("group_member", "not_in", groups=[str(failing.uuid)])
        )
        both = {"any": [leaf("group_member", "in", groups=[str(failing.uuid)]), {"all": [grade("between", [40, 60])]}]}
        needs_help = self._group(scope, "Needs help", both)
        names = [str(middle.uuid), str(needs_help.uuid)]
        self._group(scope, "Both", leaf("group_member", "all_of", groups=names))
        return needs_help

    def _of_organization(self, modules: dict[str, list[Run]], chosen: list[GroupData]) -> None:
        scope = api.organization_scope(ORGANIZATION)
        self._group(scope, "Verified somewhere", VERIFIED)
        self._group(scope, "Not seen lately", away(2), refresh_every=OFTEN)
        for module, runs in modules.items():
            first, last = runs[0].course_key, runs[-1].course_key
            stays = leaf("enrolled_in_course", "in", course_keys=[first])
            self._group(scope, f"{module} once", stays, leaf("enrolled_in_course", "not_in", course_keys=[last]))
        uuids = [str(group.uuid) for group in chosen]
        self._group(scope, "Needs help somewhere", leaf("group_member", "in", groups=uuids))

    def _of_instance(self, modules: dict[str, list[Run]], chosen: list[GroupData]) -> None:
        scope = api.instance_scope()
        keys = [run.course_key for runs in modules.values() for run in runs[:2]]
        seen = leaf("last_login", "within_days", days=AWAY[1])
        self._group(scope, "In one of the first runs", leaf("enrolled_in_course", "in", course_keys=keys))
        self._group(
            scope, "Seen, and in none of them", seen, {"none": [leaf("enrolled_in_course", "in", course_keys=keys)]}
        )
        self._group(scope, "Never seen", leaf("last_login", "is_false"))
        away_women = {"any": [leaf("gender", "in", values=["f"]), {"none": [seen]}]}
        self._group(
            scope, "Women, or away", away_women, {"none": [leaf("last_login", "is_false")]}, refresh_every=OFTEN
        )
        self._group(scope, "Somebody's worry", leaf("group_member", "in", groups=[str(chosen[0].uuid)]), seen)

    @staticmethod
    def _group(scope: ScopeData, name: str, *children: Rule, **options: Any) -> GroupData:
        group = api.create_group(scope, name=name, rule={"all": list(children)}, removal_limit=100, **options)
        return api.activate_group(group.uuid)

    @property
    def number(self) -> int:
        """How many groups there are."""
        return UserGroup.objects.count()
