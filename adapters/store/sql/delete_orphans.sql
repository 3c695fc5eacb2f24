DELETE FROM reports
WHERE id IN (SELECT id FROM reports WHERE fate = 'orphaned' AND received_at < $1 ORDER BY received_at LIMIT $2);
