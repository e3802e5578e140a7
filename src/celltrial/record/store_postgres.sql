-- The record of one study in a PostgreSQL schema (docs/stores.md). Run by `celltrial database create` as the owner.
-- {schema} and {app} are put in as quoted names. What the app role may do stands at the end; the owner and a superuser
-- are stopped from accidents only: against them the chain and the checkpoints kept elsewhere help.

CREATE SCHEMA {schema};
SET LOCAL search_path = {schema}, pg_temp;

CREATE TABLE about (one integer PRIMARY KEY CHECK (one = 1), version integer NOT NULL);
INSERT INTO about VALUES (1, {version});

CREATE TABLE event (
    seq bigint PRIMARY KEY, type text NOT NULL, subject text, recorded_at text NOT NULL,
    prev text NOT NULL, hash text NOT NULL UNIQUE, content bytea NOT NULL
);
-- the values beside the hashed contents (opening.py)
CREATE TABLE opening (seq bigint PRIMARY KEY, lines bytea NOT NULL);
-- one line a batch, the longest counts: the app role cannot change a line, and a lost tail is seen
CREATE TABLE head (length bigint PRIMARY KEY CHECK (length > 0), hash text NOT NULL);
-- the projection (projection.py)
CREATE TABLE standing (
    entry bigint NOT NULL, event bigint NOT NULL, type text NOT NULL, subject text, body text NOT NULL,
    void integer NOT NULL, PRIMARY KEY (entry, event)
);

-- a new event follows the last one and carries the link that its content gives (canonical.py, compute_link)
CREATE FUNCTION event_follows() RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
DECLARE last record;
BEGIN
    SELECT seq, hash INTO last FROM event ORDER BY seq DESC LIMIT 1;
    IF NEW.seq <> coalesce(last.seq, 0) + 1 OR NEW.prev <> coalesce(last.hash, repeat('0', 64)) OR NEW.hash <>
        encode(sha256('\x01'::bytea || decode(NEW.prev, 'hex') || sha256('\x00'::bytea || NEW.content)), 'hex')
    THEN
        RAISE EXCEPTION 'event % does not follow event %', NEW.seq, coalesce(last.seq, 0)
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the record is never changed or deleted: append a correction'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- the number in the value `path` of an event, such as the target of a redaction
CREATE FUNCTION number_in(seq bigint, path text) RETURNS bigint LANGUAGE sql STABLE
    SET search_path = {schema}, pg_temp AS $$
    SELECT substr(line, 33 + length(path) + 3)::bigint
    FROM opening o, unnest(string_to_array(convert_from(o.lines, 'UTF8'), E'\n')) AS line
    WHERE o.seq = $1 AND starts_with(substr(line, 33), format('"%s":', path))
$$;

-- the paths of event `target` that one person asked to redact and another approved
CREATE FUNCTION approved_paths(target bigint) RETURNS SETOF text LANGUAGE sql STABLE
    SET search_path = {schema}, pg_temp AS $$
    SELECT jsonb_array_elements_text(substr(line, 33 + length('"fields":'))::jsonb)
    FROM event asked
    JOIN opening o ON o.seq = asked.seq
    CROSS JOIN unnest(string_to_array(convert_from(o.lines, 'UTF8'), E'\n')) AS line
    WHERE asked.type = 'redaction' AND number_in(asked.seq, 'target') = $1
        AND starts_with(substr(line, 33), '"fields":')
        AND EXISTS (
            SELECT FROM event approval
            WHERE approval.type = 'redaction_approval' AND number_in(approval.seq, 'redaction') = asked.seq
                AND convert_from(approval.content, 'UTF8')::jsonb -> 'author' ->> 'person'
                    <> convert_from(asked.content, 'UTF8')::jsonb -> 'author' ->> 'person'
        )
$$;

-- an opening may lose values, nothing else: each line stays, or becomes its commitment where that was approved
CREATE FUNCTION opening_only_loses() RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
DECLARE
    is_allowed boolean;
BEGIN
    SELECT bool_and(coalesce(
        was = now OR (
            now = '#' || encode(sha256('\x02'::bytea || convert_to(was, 'UTF8')), 'hex') || to_json(path)::text
            AND starts_with(substr(was, 33), to_json(path)::text || ':')
        ), false)) INTO is_allowed
    FROM unnest(
        string_to_array(convert_from(OLD.lines, 'UTF8'), E'\n'),
        string_to_array(convert_from(NEW.lines, 'UTF8'), E'\n')
    ) AS pair (was, now)
    LEFT JOIN approved_paths(OLD.seq) AS path ON starts_with(substr(was, 33), to_json(path)::text || ':');
    IF NOT is_allowed OR NEW.seq <> OLD.seq THEN
        RAISE EXCEPTION 'no approved redaction of event % allows this', OLD.seq
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER event_follows BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION event_follows();
CREATE TRIGGER event_is_never_changed BEFORE UPDATE OR DELETE ON event FOR EACH ROW EXECUTE FUNCTION never();
CREATE TRIGGER event_is_never_emptied BEFORE TRUNCATE ON event EXECUTE FUNCTION never();
CREATE TRIGGER head_is_never_changed BEFORE UPDATE OR DELETE ON head FOR EACH ROW EXECUTE FUNCTION never();
CREATE TRIGGER head_is_never_emptied BEFORE TRUNCATE ON head EXECUTE FUNCTION never();
CREATE TRIGGER opening_only_loses BEFORE UPDATE ON opening FOR EACH ROW EXECUTE FUNCTION opening_only_loses();
CREATE TRIGGER opening_is_never_deleted BEFORE DELETE ON opening FOR EACH ROW EXECUTE FUNCTION never();
CREATE TRIGGER opening_is_never_emptied BEFORE TRUNCATE ON opening EXECUTE FUNCTION never();
-- ALWAYS: session_replication_role does not switch them off
ALTER TABLE event ENABLE ALWAYS TRIGGER event_follows;
ALTER TABLE event ENABLE ALWAYS TRIGGER event_is_never_changed;
ALTER TABLE event ENABLE ALWAYS TRIGGER event_is_never_emptied;
ALTER TABLE head ENABLE ALWAYS TRIGGER head_is_never_changed;
ALTER TABLE head ENABLE ALWAYS TRIGGER head_is_never_emptied;
ALTER TABLE opening ENABLE ALWAYS TRIGGER opening_only_loses;
ALTER TABLE opening ENABLE ALWAYS TRIGGER opening_is_never_deleted;
ALTER TABLE opening ENABLE ALWAYS TRIGGER opening_is_never_emptied;

-- the two changes that the app role may ask for; they run as the owner
CREATE FUNCTION redact(seq bigint, lines bytea) RETURNS void LANGUAGE sql SECURITY DEFINER
    SET search_path = {schema}, pg_temp AS $$ UPDATE opening SET lines = $2 WHERE opening.seq = $1 $$;
CREATE FUNCTION forget_projection() RETURNS void LANGUAGE sql SECURITY DEFINER
    SET search_path = {schema}, pg_temp AS $$ DELETE FROM standing $$;

REVOKE ALL ON SCHEMA {schema} FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC;
GRANT USAGE ON SCHEMA {schema} TO {app};
GRANT SELECT ON about TO {app};
GRANT SELECT, INSERT ON event, opening, head, standing TO {app};
GRANT EXECUTE ON FUNCTION redact(bigint, bytea), forget_projection() TO {app};
