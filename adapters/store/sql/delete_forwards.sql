DELETE FROM forwards WHERE kind = $1 AND subject_id = ANY($2::integer[]);
