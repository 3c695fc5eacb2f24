-- Once for a connection. Nothing is in this view; what is inserted goes where the triggers put it, and one statement
-- can so write to several tables. The columns of a line are named in rows.py and news_rows.py.
CREATE TEMP VIEW lines (number, kind, line) AS SELECT NULL, NULL, NULL WHERE 0;

CREATE TEMP TRIGGER add_intent INSTEAD OF INSERT ON lines WHEN NEW.kind = 'intent'
BEGIN
    INSERT INTO intents
        (id, bundle_id, account_id, interface, sender, body, priority, template_values, opens_at, created_at,
         message_count, unfinished, outcome, outcome_at, attempted_at, owner, due_at)
    VALUES (
        json_extract(NEW.line, '$[0]'), json_extract(NEW.line, '$[1]'), json_extract(NEW.line, '$[2]'),
        json_extract(NEW.line, '$[3]'), json_extract(NEW.line, '$[4]'), json_extract(NEW.line, '$[5]'),
        json_extract(NEW.line, '$[6]'), json_extract(NEW.line, '$[7]'), json_extract(NEW.line, '$[8]'),
        json_extract(NEW.line, '$[9]'), json_extract(NEW.line, '$[10]'), json_extract(NEW.line, '$[11]'),
        json_extract(NEW.line, '$[12]'), json_extract(NEW.line, '$[9]'), json_extract(NEW.line, '$[13]'),
        json_extract(NEW.line, '$[14]'), json_extract(NEW.line, '$[15]')
    );
    INSERT INTO messages (id, intent_id, recipient)
    SELECT intents.id + numbers.key, intents.id, numbers.value
    FROM intents, json_each(json_extract(NEW.line, '$[16]')) AS numbers
    WHERE intents.id = json_extract(NEW.line, '$[0]');
    UPDATE messages SET
        refused = json_extract(NEW.line, '$[17][' || (id - intent_id) || ']'),
        status = json_extract(NEW.line, '$[17][' || (id - intent_id) || ']'),
        status_at = json_extract(NEW.line, '$[9]')
    WHERE json_extract(NEW.line, '$[17]') <> '[]'  -- seldom; else the search is a third of the cost
        AND id IN (
            SELECT json_extract(NEW.line, '$[0]') + key
            FROM json_each(json_extract(NEW.line, '$[17]'))
            WHERE value IS NOT NULL
        );
END;

CREATE TEMP TRIGGER settle_intent INSTEAD OF INSERT ON lines WHEN NEW.kind = 'outcome'
BEGIN
    UPDATE intents SET
        outcome = json_extract(NEW.line, '$[1]'),
        batch_id = json_extract(NEW.line, '$[2]'),
        reason = json_extract(NEW.line, '$[3]'),
        price = json_extract(NEW.line, '$[4]'),
        currency = json_extract(NEW.line, '$[5]'),
        outcome_at = json_extract(NEW.line, '$[6]'),
        due_at = CASE
            WHEN unfinished = 0 AND json_extract(NEW.line, '$[1]') = 'accepted' THEN NULL
            ELSE json_extract(NEW.line, '$[7]')
        END
    WHERE id = json_extract(NEW.line, '$[0]')
        AND (outcome = 'open' OR outcome = 'queued' OR outcome = 'unknown')
        AND (json_extract(NEW.line, '$[8]') IS NULL OR due_at = json_extract(NEW.line, '$[8]'));
    SELECT come_too_late(NEW.number) WHERE changes() = 0;
END;

CREATE TEMP TRIGGER add_report INSTEAD OF INSERT ON lines WHEN NEW.kind = 'report'
BEGIN
    INSERT INTO reports
        (received_at, looked_at, upstream_message_id, batch_id, recipient, status, status_at, segments, price,
         currency, reference, raw)
    VALUES (
        json_extract(NEW.line, '$[0]'), json_extract(NEW.line, '$[0]'), json_extract(NEW.line, '$[1]'),
        json_extract(NEW.line, '$[2]'), json_extract(NEW.line, '$[3]'), json_extract(NEW.line, '$[4]'),
        json_extract(NEW.line, '$[5]'), json_extract(NEW.line, '$[6]'), json_extract(NEW.line, '$[7]'),
        json_extract(NEW.line, '$[8]'), json_extract(NEW.line, '$[9]'),
        CAST(json_extract(NEW.line, '$[10]') AS BLOB)
    );
END;
