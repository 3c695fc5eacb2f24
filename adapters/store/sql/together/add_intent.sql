INSERT INTO intents
    (id, bundle_id, account_id, interface, sender, body, priority, template_values, opens_at, created_at,
     message_count, unfinished, outcome, outcome_at, attempted_at, owner, due_at)
SELECT
    json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
    json_extract(value, '$[3]'), json_extract(value, '$[4]'), json_extract(value, '$[5]'),
    json_extract(value, '$[6]'), json_extract(value, '$[7]'), json_extract(value, '$[8]'),
    json_extract(value, '$[9]'), json_extract(value, '$[10]'), json_extract(value, '$[11]'),
    json_extract(value, '$[12]'), json_extract(value, '$[9]'), json_extract(value, '$[13]'),
    json_extract(value, '$[14]'), json_extract(value, '$[15]')
FROM json_each(?1);
