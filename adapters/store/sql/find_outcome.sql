SELECT outcome, batch_id, reason, price, currency FROM intents WHERE id = $1;
