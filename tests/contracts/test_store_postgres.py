"""What holds for a record in PostgreSQL only: what the app role cannot do, which servers and roles are refused."""

import psycopg
import pytest

from celltrial.codes import PersonId
from celltrial.errors import InputError, RefusedError, UsageError
from celltrial.record import Author, Draft, Record, verify_record
from celltrial.record.bodies import Redaction, RedactionApproval
from celltrial.record.opening import redact_opening
from celltrial.record.store_postgres import PostgresStore
from celltrial.record.store_postgres_place import parse_place
from celltrial.record.store_postgres_setup import create_database
from contracts.support import add, row, standing
from postgres import APP, OWNER
from unit.record.support import ANNA, CHEN, LI, START, STUDY, lab, later, write


@pytest.fixture
def schema(postgres):
    """A new schema for a record."""
    return postgres.new_schema()


@pytest.fixture
def store(postgres, schema):
    """A record of three rows, open as the app role."""
    made = PostgresStore.create(postgres.url(APP, schema))
    add(made, 1, 2, 3)
    with made.writing():
        made.keep([standing(1, 1)])
    yield made
    made.close()


@pytest.fixture
def sql(postgres, store):
    """Runs a statement as a role, past the program; gives the rows, or raises what the server says."""
    opened = []

    def run(statement, role=APP):
        connection = psycopg.connect(parse_place(postgres.url(role, store.place.schema)).url, autocommit=True)
        opened.append(connection)
        connection.execute(f"SET search_path = {store.place.schema}")
        done = connection.execute(statement)
        return done.fetchall() if done.description else []

    yield run
    for connection in opened:
        connection.close()


FORBIDDEN = [
    "UPDATE event SET type = 'x'",
    "UPDATE event SET content = content WHERE seq = 1",
    "DELETE FROM event",
    "TRUNCATE event",
    "UPDATE opening SET lines = ''",
    "DELETE FROM opening",
    "TRUNCATE opening",
    "UPDATE head SET length = 1",
    "DELETE FROM head",
    "TRUNCATE head",
    "UPDATE standing SET void = 1",
    "DELETE FROM standing",
    "TRUNCATE standing",
    "INSERT INTO event SELECT * FROM event ON CONFLICT (seq) DO UPDATE SET type = 'x'",
    "MERGE INTO event e USING head h ON e.seq = h.length WHEN MATCHED THEN DELETE",
    "DROP TRIGGER event_is_never_changed ON event",
    "ALTER TABLE event DISABLE TRIGGER ALL",
    "ALTER TABLE event ADD COLUMN x text",
    "ALTER TABLE event OWNER TO celltrial_app",
    "DROP TABLE event",
    "CREATE TABLE extra (x integer)",
    "CREATE RULE r AS ON INSERT TO event DO INSTEAD NOTHING",
    "CREATE OR REPLACE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "ALTER FUNCTION redact(bigint, bytea) SECURITY INVOKER",
    "SET session_replication_role = replica",
    "SET ROLE celltrial_owner",
    "SELECT approved_paths(1)",
    "UPDATE about SET version = 1",
    "CREATE SCHEMA other",
    "COPY event TO PROGRAM 'cat'",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_app_role_can_only_read_and_add(store, sql, statement):
    """Everything that would change the past, or the guards, is refused by the server; the rows are as they were."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sql(statement)
    assert (store.read(), store.head()[0], store.standing()) == ([row(1), row(2), row(3)], 3, [standing(1, 1)])
    assert store.damage() == ()


def test_the_app_role_cannot_give_itself_rights(store, sql):
    """PostgreSQL answers a GRANT by somebody who may not grant with a warning: nothing was granted."""
    sql(f"GRANT UPDATE, DELETE ON event TO {APP}")
    assert store.damage() == ()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET type = 'x'",
        "DELETE FROM event",
        "TRUNCATE event",
        "UPDATE head SET length = 1",
        "DELETE FROM head",
        "TRUNCATE head",
        "UPDATE opening SET lines = '' WHERE seq = 1",
        "DELETE FROM opening",
        "TRUNCATE opening",
    ],
)
@pytest.mark.parametrize("role", [OWNER, "postgres"])
def test_owner_and_superuser_are_stopped_from_accidents(store, sql, statement, role):
    """The triggers stop them too, also in a session that plays a replica; only who takes the triggers away passes."""
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
        sql(statement, role)
    if role == "postgres":
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
            sql(f"SET session_replication_role = replica; {statement}", role)
    assert store.read() == [row(1), row(2), row(3)]


@pytest.mark.parametrize(
    "changes",
    [
        {"seq": 5},
        {"seq": 3},
        {"prev": row(2).hash},
        {"hash": row(1).hash.upper()},
        {"content": b"{}"},
    ],
)
def test_a_row_that_does_not_follow_is_refused(store, changes):
    """A gap, a fork, or a link that the content does not give is not taken into the table at all."""
    with pytest.raises(RefusedError, match=r"event \d does not follow event 3.*|duplicate"), store.writing():
        store.add([row(4)._replace(**changes)])
    assert len(store.read()) == 3


def test_a_missing_tail_is_seen(store, sql, schema, postgres):
    """Events that someone removed past the guards: the heads say how many there were."""
    sql("ALTER TABLE event DISABLE TRIGGER ALL; DELETE FROM event WHERE seq = 3", OWNER)
    messages = [each.message for each in verify_record(postgres.url(APP, schema)).findings]
    assert "the end of the record is not where the file says it is: events are missing or were added" in messages
    (damage,) = store.damage()
    assert (damage.message[:6], "event_is_never_changed" in damage.found) == ("guards", True)


@pytest.mark.parametrize(
    ("grant", "found"),
    [
        ("GRANT UPDATE ON event TO celltrial_app", "event: UPDATE"),
        ("GRANT UPDATE (type) ON event TO celltrial_app", "event: UPDATE"),
        ("GRANT TRUNCATE ON opening TO PUBLIC", "opening: TRUNCATE"),
        ("GRANT DELETE ON standing TO celltrial_app", "standing: DELETE"),
        ("GRANT CREATE ON SCHEMA {schema} TO celltrial_app", "CREATE in the schema"),
    ],
)
def test_a_role_that_may_do_more_is_refused(store, sql, postgres, schema, grant, found):
    """A right too many is found when the record is opened for writing, and by `damage` afterwards; reading goes on."""
    sql(grant.format(schema=schema), OWNER)
    with pytest.raises(RefusedError, match="not served by a role that could change it") as refusal:
        PostgresStore.open(postgres.url(APP, schema))
    assert found in str(refusal.value)
    assert found in str(store.damage())
    reader = PostgresStore.open(postgres.url(APP, schema), read_only=True)
    assert len(reader.read()) == 3
    reader.close()


@pytest.mark.parametrize("role", [OWNER, "postgres"])
def test_the_owner_does_not_serve(store, postgres, schema, role):
    """Connected as owner or superuser nothing is written; the finding names the way out."""
    with pytest.raises(RefusedError, match="could change it") as refusal:
        PostgresStore.open(postgres.url(role, schema))
    assert "owner of event" in str(refusal.value)
    assert "--app-role" in refusal.value.findings[0].next_step


def test_a_member_of_a_strong_role_is_refused(store, postgres, schema):
    """The right to become somebody else counts as that somebody's rights."""
    postgres.psql("CREATE ROLE nested LOGIN NOINHERIT; GRANT celltrial_owner TO nested")
    postgres.psql(f"GRANT USAGE ON SCHEMA {schema} TO nested; GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO nested")
    with pytest.raises(RefusedError, match="owner of event"):
        PostgresStore.open(postgres.url("nested", schema))


def test_no_record_no_right_no_server(postgres, schema):
    """Wrong places are told apart, each with its next step, and no password is shown."""
    with pytest.raises(InputError, match=r"there is no record.*--app-role celltrial_app"):
        PostgresStore.open(postgres.url(APP, "nowhere"))
    postgres.psql("CREATE ROLE stranger LOGIN")
    with pytest.raises(InputError, match="stranger has no right to it"):
        PostgresStore.open(postgres.url("stranger", schema))
    postgres.psql("CREATE SCHEMA empty; GRANT USAGE ON SCHEMA empty TO PUBLIC")
    with pytest.raises(InputError, match="does not have the tables"):
        PostgresStore.open(postgres.url(APP, "empty"))
    with pytest.raises(InputError, match="cannot be reached") as refusal:
        PostgresStore.open(postgres.url("celltrial_app:s3cret%21pw").replace("port=5432", "port=5433"))
    assert "s3cret" not in str(refusal.value)
    with pytest.raises(InputError, match="cannot be reached"):
        PostgresStore.open(postgres.url("nobody_here:s3cret"))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://app:s3cret@x@host/db",
        "postgresql://app:s3cret#1@host/db",
        "postgresql://app:s3cret@host/db?schema=Two Words",
        "postgresql://app:s3cret@host/db?schema=pg_catalog",
        "postgresql://app:s3cret@host/db?nothing=known",
        "postgresql://app:s3cret@host/db?schema",
        "postgresql://app@host/db?password=s3cret&nothing=known",
    ],
)
def test_an_address_that_cannot_be_read(url):
    """A finding with an example, never the address itself: it may hold a password."""
    with pytest.raises(UsageError, match="cannot be read") as refusal:
        PostgresStore.open(url)
    assert "s3cret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("setting", "value", "mended"),
    [("fsync", "off", "on"), ("full_page_writes", "off", "on")],
)
def test_a_server_that_may_lose_commits_is_refused(store, postgres, schema, setting, value, mended):
    """As with a file without synchronous=FULL: an acknowledged event must survive a power cut."""
    try:
        _alter(postgres, setting, value)
        with pytest.raises(RefusedError, match=f"cannot keep a record safely.*{setting} = {value}"):
            PostgresStore.open(postgres.url(APP, schema))
    finally:
        _alter(postgres, setting, mended)
    PostgresStore.open(postgres.url(APP, schema)).close()


def _alter(postgres, setting, value):
    """Set it for the server and wait until new sessions see it: a reload is a signal, not an answer."""
    postgres.psql(f"ALTER SYSTEM SET {setting} = {value}")
    postgres.psql("SELECT pg_reload_conf()")
    for _ in range(100):
        if postgres.psql(f"SHOW {setting}") == value:
            return
    raise AssertionError(f"{setting} is not {value}")


@pytest.mark.parametrize(
    ("given", "used"), [("off", "on"), ("local", "on"), ("on", "on"), ("remote_apply", "remote_apply")]
)
def test_commits_are_synced(store, postgres, sql, schema, given, used):
    """Whatever the server or the role has set, a commit waits for the disk; what is stricter is left."""
    sql(f"ALTER ROLE {APP} SET synchronous_commit = {given}", "postgres")
    try:
        again = PostgresStore.open(postgres.url(APP, schema))
        assert again._run("SHOW synchronous_commit").fetchone() == (used,)
        again.close()
    finally:
        sql(f"ALTER ROLE {APP} RESET synchronous_commit", "postgres")


END = (
    f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'celltrial' AND usename = '{APP}'"
)


def test_a_lost_connection_is_told_and_mended(store, sql):
    """Between two uses it is made anew; in the middle of a batch the whole batch is refused, and the next one works."""
    sql(END, "postgres")
    assert len(store.read()) == 3

    def add_in_two_parts():
        with store.writing():
            store.add([row(4)])
            sql(END, "postgres")
            store.add([row(5)])

    with pytest.raises(RefusedError, match=r"connection to the database was lost; nothing was written"):
        add_in_two_parts()
    assert len(store.read()) == 3
    add(store, 4)
    assert store.head() == (4, row(4).hash)


def test_a_commit_without_an_answer_is_told_as_such(store, sql):
    """Lost at the commit itself: nobody is told that the events are stored, or that they are not."""

    def add_and_lose():
        with store.writing():
            store.add([row(4)])
            sql(END, "postgres")

    with pytest.raises(RefusedError, match="it is not known whether the last events were stored"):
        add_and_lose()
    assert store.head() == (3, row(3).hash)


def test_a_server_that_stops_is_told(postgres, schema):
    """Stopped and started again under an open record: refused meanwhile, and going on afterwards."""
    open_store = PostgresStore.create(postgres.url(APP, schema))
    postgres.stop("immediate")
    try:
        with pytest.raises((InputError, RefusedError), match="cannot be reached"):
            open_store.read()
    finally:
        postgres.start()
    add(open_store, 1)
    assert open_store.read() == [row(1)]
    open_store.close()


def test_creating_twice_or_for_the_wrong_role(postgres, schema):
    """A schema is made once; the app role must exist and be a lesser one; nothing is half made."""
    with pytest.raises(InputError, match="there already"):
        create_database(postgres.url(OWNER, schema), app_role=APP)
    for role, message in (("no_such_role", "no such role"), (OWNER, "could change"), ("postgres", "could change")):
        with pytest.raises(InputError, match=message):
            create_database(postgres.url(OWNER, "half_made"), app_role=role)
    with pytest.raises(UsageError, match="not a name to use here"):
        create_database(postgres.url(OWNER, "half_made"), app_role='x"; DROP')
    postgres.psql("CREATE ROLE weak LOGIN")
    with pytest.raises(RefusedError, match="refuses this to the role; nothing was made"):
        create_database(postgres.url("weak", "half_made"), app_role=APP)
    assert postgres.psql("SELECT count(*) FROM pg_namespace WHERE nspname = 'half_made'") == "0"


def redacted_record(url):
    """A record with a lab of ANNA (event 2) whose comment CHEN asks to redact (event 3)."""
    record = Record.create(url, STUDY, author=CHEN, at=START)
    target = write(record, lab(comment="Anna Musterfrau"))
    write(record, Redaction(target=target.seq, fields=("items.comment",)), why="a name")
    return record


def approve(record, person):
    draft = Draft(body=RedactionApproval(redaction=3), subject=ANNA, why="it is a name")
    return record.append([draft], author=person, at=later())


def test_redaction_is_left_to_two_people_by_the_database_too(postgres):
    """`redact` takes away what was approved, and refuses what was not asked, not approved, or another text."""
    url = postgres.url(APP, postgres.new_schema())
    record = redacted_record(url)
    store = record._store
    whole = store.read(after=1)[0].opening
    less = redact_opening(whole, ["items.comment"])

    def refused(opening, seq=2):
        with pytest.raises(RefusedError, match="no approved redaction"), store.writing():
            store.redact(seq, opening)
        return True

    assert refused(less)
    approve(record, LI)
    after = store.read(after=1)[0].opening
    assert after == less
    assert b"Musterfrau" not in after
    assert refused(whole)
    assert refused(redact_opening(whole, ["items.comment", "items.value"]))
    assert refused(after.replace(b'"96"', b'"69"'))
    assert refused(b"\n".join(after.split(b"\n")[1:]))
    assert refused(b"", seq=1)
    assert store.read(after=1)[0].opening == less
    assert verify_record(url).ok
    record.close()


def test_one_person_cannot_redact_past_the_program(postgres, monkeypatch):
    """An approval by the person who asked, written past our checks, opens nothing in the database."""
    url = postgres.url(APP, postgres.new_schema())
    record = redacted_record(url)
    monkeypatch.setattr("celltrial.record.checks.check_approval", lambda *_: ())
    same = Author(person=PersonId("coordinator.chen"), role="investigator", site="01")
    with pytest.raises(RefusedError, match="no approved redaction"):
        approve(record, same)
    assert record.length == 3
    record.close()
