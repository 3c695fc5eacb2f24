INSERT INTO lines (number, kind, line)
SELECT key, json_extract(value, '$[0]'), value
FROM json_each(CAST(?1 AS TEXT));
