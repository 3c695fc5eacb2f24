SELECT store_id, next_id FROM store;
