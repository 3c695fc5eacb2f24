INSERT INTO store (store_id, next_id, pings) VALUES ($1, $2, 0);
