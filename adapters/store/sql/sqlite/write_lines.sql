-- A JSON array for each kind of line.
INSERT INTO lines (kind, number, line)
SELECT 'intent', key, value FROM json_each(?1)
UNION ALL SELECT 'outcome', key, value FROM json_each(?2)
UNION ALL SELECT 'report', key, value FROM json_each(?3);
