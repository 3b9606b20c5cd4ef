"""The database of the sandbox is the one that DATABASE_URL names."""

import pytest

from tests.sandbox.databases import database


@pytest.fixture(autouse=True)
def no_choice(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("SANDBOX_MYSQL_WITHOUT_RETURNING", raising=False)


def test_without_a_choice_it_is_a_file_in_the_checkout(tmp_path):
    chosen = database(tmp_path)

    assert chosen["ENGINE"] == "django.db.backends.sqlite3"
    assert chosen["NAME"] == str(tmp_path / ".sandbox" / "db.sqlite3")
    assert (tmp_path / ".sandbox").is_dir()


def test_mysql_reads_what_is_committed_and_ignores_case(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "mysql://root@127.0.0.1/sandbox")
    chosen = database(tmp_path)

    assert chosen["OPTIONS"]["isolation_level"] == "read committed"
    assert chosen["TEST"]["COLLATION"].endswith("_ci")


def test_mariadb_can_be_made_to_return_nothing_as_mysql_does(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "mysql://root@127.0.0.1/sandbox")
    monkeypatch.setenv("SANDBOX_MYSQL_WITHOUT_RETURNING", "1")

    assert database(tmp_path)["ENGINE"] == "tests.sandbox.mysql_without_returning"


def test_postgresql_needs_nothing_more(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://postgres@127.0.0.1/sandbox")
    chosen = database(tmp_path)

    assert (chosen["ENGINE"], chosen["NAME"]) == ("django.db.backends.postgresql", "sandbox")
