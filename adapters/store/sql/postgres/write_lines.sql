-- A JSON array for each kind of line. Returns the numbers of the outcomes that came too late, of two for one intent
-- as well. The array of ids, and the || '', keep PostgreSQL from looking through all intents, or all open ones,
-- instead of looking these up.
WITH outcomes AS MATERIALIZED (
    SELECT number - 1 AS number, (line ->> 0)::integer AS intent_id, line
    FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS given (line, number)
),
added_intents AS (
    INSERT INTO intents
        (id, bundle_id, account_id, interface, sender, body, priority, template_values, opens_at, created_at,
         message_count, unfinished, outcome, outcome_at, attempted_at, owner, due_at)
    SELECT
        (line ->> 0)::integer, (line ->> 1)::integer, line ->> 2, line ->> 3, line ->> 4, line ->> 5,
        (line ->> 6)::integer, line ->> 7, (line ->> 8)::bigint, (line ->> 9)::bigint, (line ->> 10)::integer,
        (line ->> 11)::integer, line ->> 12, (line ->> 9)::bigint, (line ->> 13)::bigint, line ->> 14,
        (line ->> 15)::bigint
    FROM jsonb_array_elements($1::jsonb) AS given (line)
),
added_messages AS (
    INSERT INTO messages (id, intent_id, recipient, refused, status, status_at)
    SELECT
        id + place, id, numbers ->> place, (codes ->> place)::integer, (codes ->> place)::integer,
        CASE WHEN codes ->> place IS NOT NULL THEN created_at END
    FROM (
        SELECT
            (line ->> 0)::integer AS id, (line ->> 9)::bigint AS created_at, line -> 16 AS numbers,
            line -> 17 AS codes, generate_series(0, jsonb_array_length(line -> 16) - 1) AS place
        FROM jsonb_array_elements($1::jsonb) AS given (line)
    ) AS given_messages
),
added_reports AS (
    INSERT INTO reports
        (received_at, looked_at, upstream_message_id, batch_id, recipient, status, status_at, segments, price,
         currency, reference, raw)
    SELECT
        (line ->> 0)::bigint, (line ->> 0)::bigint, line ->> 1, line ->> 2, line ->> 3, (line ->> 4)::integer,
        (line ->> 5)::bigint, (line ->> 6)::integer, (line ->> 7)::double precision, line ->> 8, line ->> 9,
        convert_to(line ->> 10, 'UTF8')
    FROM jsonb_array_elements($3::jsonb) AS given (line)
),
settled AS (
    UPDATE intents SET
        outcome = line ->> 1,
        batch_id = line ->> 2,
        reason = line ->> 3,
        price = (line ->> 4)::double precision,
        currency = line ->> 5,
        outcome_at = (line ->> 6)::bigint,
        due_at = CASE WHEN line ->> 1 = 'accepted' AND unfinished = 0 THEN NULL ELSE (line ->> 7)::bigint END
    FROM outcomes
    WHERE id = intent_id
        AND id = ANY (ARRAY(SELECT intent_id FROM outcomes))
        AND outcome || '' IN ('open', 'queued', 'unknown')
        AND (line ->> 8 IS NULL OR due_at = (line ->> 8)::bigint)
    RETURNING number
)
SELECT number FROM outcomes
EXCEPT SELECT number FROM settled;
