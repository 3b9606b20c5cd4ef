"""What a criterion in a rule must look like, and what is said of one that does not: every fault, with its place."""

import json

import pytest

from openedx_user_groups.criteria import registry
from openedx_user_groups.data import ScopeData
from openedx_user_groups.groups import rule_reader
from tests.factories import a_course, scope_of_course, scope_of_instance, scope_of_organization
from tests.refused import COURSE, STAFF, asked, problem_of, problems


@pytest.mark.parametrize(
    "name", ["nothing", "", "Last_Login", "last_login ", "acme.gone", "\0", "\ud800", None, 5, [], {}]
)
def test_an_unknown_criterion_is_told_what_there_is(name) -> None:
    path, message = problem_of({"criterion": name, "operator": "is_true", "config": {}})

    assert path == "/criterion"
    assert "Allowed: age, assignment_grade, authentication_method" in message
    assert "enrolled_in_course" not in message


@pytest.mark.parametrize("operator", ["in", "", "IS_TRUE", "all_of", None, 5, [], {}, "\ud800"])
def test_an_unknown_operator_is_told_what_there_is(operator) -> None:
    path, message = problem_of({"criterion": "staff_status", "operator": operator, "config": {}})

    assert path == "/operator"
    assert message.endswith("is not an operator of staff_status. Allowed: is_true, is_false.")


def test_a_criterion_without_an_operator_and_one_without_a_name() -> None:
    assert problem_of({"criterion": "staff_status"})[0] == "/operator"
    assert problem_of({"operator": "is_true", "config": {}})[0] == "/criterion"


def test_a_config_that_is_left_out_is_empty() -> None:
    rule = {"all": [{"criterion": "staff_status", "operator": "is_true"}]}

    assert rule_reader.parse(rule, COURSE) == rule_reader.parse({"all": [STAFF]}, COURSE)
    assert problem_of({"criterion": "last_login", "operator": "within_days"}) == ("/config/days", "It is missing.")


def test_unknown_fields_are_refused() -> None:
    assert problem_of({**STAFF, "confg": {}}) == (
        "/confg",
        "It is not known here. Allowed: criterion, operator, config.",
    )
    assert problem_of({**STAFF, "a/b~c": 1})[0] == "/a~1b~0c"
    assert problem_of({**STAFF, "all": [STAFF]})[0] == "/all"
    assert problem_of(asked(days=5, hours=3)) == ("/config/hours", "It is not known here. Allowed: days.")


@pytest.mark.parametrize(
    ("leaf", "path", "message"),
    [
        (asked(days="5"), "/config/days", "It must be a whole number."),
        (asked(days=1.5), "/config/days", "It must be a whole number."),
        (asked(days=True), "/config/days", "It must be a whole number."),
        (asked(days=None), "/config/days", "It must be a whole number."),
        (asked(days=-1), "/config/days", "It must be 0 or more."),
        (asked(days=36501), "/config/days", "It must be 36500 or less."),
        ({**STAFF, "config": None}, "/config", "It must be an object."),
        ({**STAFF, "config": []}, "/config", "It must be an object."),
        ({**STAFF, "config": "x"}, "/config", "It must be an object."),
        (asked("country", "in", values="DE"), "/config/values", "It must be a list."),
        (asked("country", "in", values=[]), "/config/values", "It needs at least 1 value."),
        (asked("country", "in", values=["DE", 5]), "/config/values/1", "It must be a text."),
        (asked("country", "in", values=[""]), "/config/values/0", "It must have 1 or more characters."),
        (asked("country", "in", values=["DE", "DE"]), "/config/values", "It has a value twice."),
        (
            asked("country", "in", values=[str(n) for n in range(501)]),
            "/config/values",
            "It may have 500 values at most.",
        ),
        (asked("country", "in", values=["x" * 10_000]), "/config/values/0", "It must have 255 or fewer characters."),
        (asked("course_grade", "<", percent=101), "/config/percent", "It must be 100 or less."),
        (asked("course_grade", "<", percent="50"), "/config/percent", "It must be a number."),
        (asked("course_grade", "between", percent=[1]), "/config/percent", "It needs at least 2 values."),
        (asked("course_grade", "between", percent=[1, 2, 3]), "/config/percent", "It may have 2 values at most."),
        (
            asked("course_grade", "between", percent=[60, 40]),
            "/config/percent",
            "The first number must not be greater than the second.",
        ),
        (
            asked("user_field", "is", field="password", value="x"),
            "/config/field",
            "Allowed: username, email, first_name, last_name, name, city, goals.",
        ),
        (
            asked("user_field", "contains", field="city", value="x" * 10_000),
            "/config/value",
            "It must have 1000 or fewer characters.",
        ),
    ],
)
def test_a_config_of_the_wrong_shape(leaf, path, message) -> None:
    assert problem_of(leaf) == (path, message)


@pytest.mark.parametrize(
    "date",
    [
        *("2026-02-30", "2026-13-01", "31.01.2026", "yesterday, please", "2026-01-31T25:00:00", "0000-00-00"),
        *("2026-01-31T12:00:00+99:00", "9999-12-31", "0001-01-01", "1899-12-31T23:59:59Z", "2026-01-31 zzzz"),
        *("٢٠٢٦-٠١-٣١", "2026-01-31%", "2026-01-31'--"),
    ],
)
def test_a_date_that_is_none(date) -> None:
    path, message = problem_of(asked("date_joined", "before", date=date))

    assert path == "/config/date"
    assert message.startswith("It must be a date such as 2026-01-31")


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "x\udfff", "\ud83c \udf93"])
def test_text_that_cannot_be_stored_is_refused_with_its_place(text) -> None:
    refused = "It has characters that cannot be stored: NUL or a lone surrogate."

    assert problem_of(asked("user_field", "is", field="city", value=text)) == ("/config/value", refused)
    assert problem_of(asked("country", "not_in", values=["DE", text])) == ("/config/values/1", refused)


def test_an_unknown_key_that_cannot_be_stored_is_named_so_that_it_can_be_printed() -> None:
    found = problems({"all": [asked(**{"days": 5, "\ud800": 1})]})

    assert "/all/0/config/\\ud800" in found
    assert problem_of({**STAFF, "\ud800": 1})[0] == "/\\ud800"


@pytest.mark.parametrize(
    "text", ["100%", "%s", "O'Brien", 'say "hi"', "\\", "🎓", "東京", "'; DROP TABLE x; --", "\u202e"]
)
def test_odd_text_that_can_be_stored_is_welcome(text) -> None:
    rule = {"all": [asked("user_field", "contains", field="city", value=text)]}

    [leaf] = rule_reader.parse(rule_reader.load(json.dumps(rule)), COURSE).children
    assert leaf.config == {"field": "city", "value": text}


def test_a_criterion_in_a_scope_that_it_does_not_support() -> None:
    grade = asked("course_grade", "<", percent=50)

    assert problem_of(grade, scope_of_organization()) == (
        "/criterion",
        "course_grade cannot be used in a scope of type organization. Allowed: course.",
    )
    assert problem_of(grade, scope_of_instance())[0] == "/criterion"
    assert problem_of(asked("enrolled_in_course", "in", course_keys=["x"]))[1].endswith(
        "Allowed: organization, instance."
    )


@pytest.mark.django_db
def test_course_keys_must_be_keys_of_courses_of_the_scope() -> None:
    a_course("course-v1:Acme+A1+2026")
    a_course("course-v1:Other+B1+2026")

    def refused(key: str, scope: ScopeData) -> str:
        path, message = problem_of(asked("enrolled_in_course", "in", course_keys=[key]), scope)
        assert path == "/config/course_keys"
        return message

    for scope in (scope_of_organization(), scope_of_instance()):
        rule_reader.parse({"all": [asked("enrolled_in_course", "in", course_keys=["course-v1:Acme+A1+2026"])]}, scope)
        assert refused("Acme A1", scope) == "'Acme A1' is not a course key."
        assert refused("course-v1:Acme+A1+2027", scope) == "'course-v1:Acme+A1+2027' is no course of this scope."
        assert refused("course-v1:ACME+a1+2026", scope) == "'course-v1:ACME+a1+2026' is no course of this scope."
        assert refused("course-v1:Acme+A1+2026'", scope).startswith('"course-v1:Acme+A1+2026\'" is')
        assert refused("x" * 255, scope).endswith("is not a course key.")
    assert refused("course-v1:Other+B1+2026", scope_of_organization()).endswith("is no course of this scope.")
    rule_reader.parse(
        {"all": [asked("enrolled_in_course", "in", course_keys=["course-v1:Other+B1+2026"])]}, scope_of_instance()
    )


def test_everything_that_is_wrong_is_told_at_once() -> None:
    rule = {
        "all": [
            asked("nothing"),
            asked(days=-1),
            {"any": [{"none": []}, asked(operator="in"), {"or": []}]},
            asked("country", "in", values=["", 5]),
            7,
        ]
    }

    assert set(problems(rule)) == {
        "/all/0/criterion",
        "/all/1/config/days",
        "/all/2/any/0/none",
        "/all/2/any/1/operator",
        "/all/2/any/2",
        "/all/3/config/values/0",
        "/all/3/config/values/1",
        "/all/4",
    }


def test_an_unavailable_criterion_says_what_it_needs() -> None:
    elsewhere = type("Elsewhere", (registry.get("staff_status"),), {"reads": ("shoes.Shoe",)})
    leaf = {**STAFF, "criterion": "acme.staff"}

    with registry.temporarily(acme__staff=elsewhere):
        assert problem_of(leaf) == ("/criterion", "acme.staff needs shoes.Shoe, not installed in this service.")
    assert problem_of(leaf)[1].startswith("No installed package offers the criterion 'acme.staff'.")


def test_reading_a_rule_does_not_change_it() -> None:
    rule = {"all": [asked("country", "in", values=["DE"])]}
    before = json.dumps(rule)
    tree = rule_reader.parse(rule, COURSE)
    rule["all"][0]["config"]["values"].append("FR")

    assert before != json.dumps(rule)
    assert tree.children[0].config == {"values": ["DE"]}


@pytest.mark.django_db
def test_reading_a_rule_without_course_keys_asks_no_database(django_assert_num_queries) -> None:
    scope = scope_of_course(a_course())
    with django_assert_num_queries(0):
        rule_reader.parse({"all": [STAFF] * 50}, scope)
