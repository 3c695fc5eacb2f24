-- Returns the numbers of the outcomes that came too late, of two for one intent as well.
-- The || '' keeps PostgreSQL from looking through all open intents instead of looking these up.
WITH lines AS MATERIALIZED (
    SELECT number - 1 AS number, line ->> 0 AS kind, line
    FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS given (line, number)
),
added_intents AS (
    INSERT INTO intents
        (id, bundle_id, account_id, interface, sender, body, priority, template_values, opens_at, created_at,
         message_count, unfinished, outcome, outcome_at, attempted_at, owner, due_at)
    SELECT
        (line ->> 1)::integer, (line ->> 2)::integer, line ->> 3, line ->> 4, line ->> 5, line ->> 6,
        (line ->> 7)::integer, line ->> 8, (line ->> 9)::bigint, (line ->> 10)::bigint, (line ->> 11)::integer,
        (line ->> 12)::integer, line ->> 13, (line ->> 10)::bigint, (line ->> 14)::bigint, line ->> 15,
        (line ->> 16)::bigint
    FROM lines
    WHERE kind = 'intent'
),
added_messages AS (
    INSERT INTO messages (id, intent_id, recipient, refused, status, status_at)
    SELECT
        (line ->> 1)::integer, (line ->> 2)::integer, line ->> 3, (line ->> 4)::integer, (line ->> 4)::integer,
        (line ->> 5)::bigint
    FROM lines
    WHERE kind = 'message'
),
added_reports AS (
    INSERT INTO reports
        (received_at, looked_at, upstream_message_id, batch_id, recipient, status, status_at, segments, price,
         currency, reference, raw)
    SELECT
        (line ->> 1)::bigint, (line ->> 1)::bigint, line ->> 2, line ->> 3, line ->> 4, (line ->> 5)::integer,
        (line ->> 6)::bigint, (line ->> 7)::integer, (line ->> 8)::double precision, line ->> 9, line ->> 10,
        convert_to(line ->> 11, 'UTF8')
    FROM lines
    WHERE kind = 'report'
),
settled AS (
    UPDATE intents SET
        outcome = line ->> 2,
        batch_id = line ->> 3,
        reason = line ->> 4,
        price = (line ->> 5)::double precision,
        currency = line ->> 6,
        outcome_at = (line ->> 7)::bigint,
        due_at = CASE WHEN line ->> 2 = 'accepted' AND unfinished = 0 THEN NULL ELSE (line ->> 8)::bigint END
    FROM lines
    WHERE kind = 'outcome'
        AND id = (line ->> 1)::integer
        AND outcome || '' IN ('open', 'queued', 'unknown')
        AND (
            line ->> 2 NOT IN ('open', 'queued', 'unknown')
            OR line ->> 9 IS NULL
            OR due_at = (line ->> 9)::bigint
        )
    RETURNING number
)
SELECT number FROM lines WHERE kind = 'outcome'
EXCEPT SELECT number FROM settled;
