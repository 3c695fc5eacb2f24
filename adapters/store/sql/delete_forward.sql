DELETE FROM forwards WHERE id = $1;
