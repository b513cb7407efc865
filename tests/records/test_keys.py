"""Keys and sessions: shown once, kept hashed, ended by revoking, expiry and signing out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from assistant.records import keys_of
from assistant.records.keys import Keys
from assistant.records.store import SqlRecords
from assistant.records.tables import now
from ingest.errors import BadInputError, NotFoundError


@pytest.fixture
def keys(records: SqlRecords) -> Keys:
    return keys_of(records)


def test_the_text_of_a_key_is_nowhere_in_the_database(records: SqlRecords, keys: Keys) -> None:
    made, shown = keys.create("bot", ("read", "ask"), ["handbook", "api"], days=30)
    secret = shown.rsplit("_", 1)[-1]
    with records.engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM keys")).all()
    assert secret not in repr(rows)
    held = keys.holder(shown)
    assert held is not None
    assert (held.id, held.name, held.rights, held.collections) == (made.id, "bot", ("ask", "read"), ("api", "handbook"))
    assert held.expires is not None
    assert timedelta(days=29) < held.expires - now() <= timedelta(days=30)


@pytest.mark.parametrize("change", [lambda k: k[:-1] + ("A" if k[-1] != "A" else "B"), lambda k: k + "x", str.upper])
def test_anything_but_the_text_itself_opens_nothing(keys: Keys, change: object) -> None:
    _, shown = keys.create("bot")
    assert callable(change)
    assert keys.holder(change(shown)) is None


def test_the_last_use_is_kept_to_the_minute(keys: Keys) -> None:
    _, shown = keys.create("bot")
    assert keys.list()[0].last_used is None
    keys.holder(shown)
    first = keys.list()[0].last_used
    assert first is not None
    assert now() - first < timedelta(minutes=1)
    keys.holder(shown)
    assert keys.list()[0].last_used == first


def test_revoked_and_expired_keys_open_nothing_and_stay_in_the_list(records: SqlRecords, keys: Keys) -> None:
    (ended, revoked), (_, expired) = keys.create("leaver"), keys.create("old", days=1)
    token = keys.begin_session(ended, 12)
    assert keys.session_holder(token) is not None
    keys.revoke("leaver")
    with records.engine.begin() as connection:
        past = {"past": now() - timedelta(seconds=1)}
        connection.execute(text("UPDATE keys SET expires_at = :past WHERE name = 'old'"), past)
    assert keys.holder(revoked) is None
    assert keys.session_holder(token) is None
    assert keys.holder(expired) is None
    assert [key.state for key in keys.list()] == ["revoked", "expired"]
    with pytest.raises(NotFoundError, match="no active key 'leaver'"):
        keys.revoke("leaver")


def test_a_session_ends_when_it_signs_out_or_its_time_is_over(records: SqlRecords, keys: Keys) -> None:
    made, _ = keys.create("person")
    left, over = keys.begin_session(made, 1), keys.begin_session(made, 1)
    keys.end_session(left)
    assert keys.session_holder(left) is None
    assert keys.session_holder(over) is not None
    with records.engine.begin() as connection:
        connection.execute(text("UPDATE sessions SET expires_at = :past"), {"past": now() - timedelta(seconds=1)})
    assert keys.session_holder(over) is None
    keys.begin_session(made, 1)  # takes away what is over
    with records.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM sessions")).scalar_one() == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("",), "Give the key a name"),
        (("x" * 101,), "Give the key a name"),
        (("bot", ("ask", "fly")), "not fly"),
        (("bot", ()), "not none"),
        (("bot", ("ask",), None, 0), "1 to 36500 days"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(keys: Keys, arguments: tuple[object, ...], sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        keys.create(*arguments)  # type: ignore[arg-type]


def test_an_active_name_is_taken_and_a_revoked_one_is_free(keys: Keys) -> None:
    keys.create("bot")
    with pytest.raises(BadInputError, match="already a key named 'bot'"):
        keys.create(" bot ")
    keys.revoke("bot")
    keys.create("bot")
