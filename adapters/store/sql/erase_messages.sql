UPDATE messages SET recipient = '…' || substr(recipient, length(recipient) - 2)
WHERE id = ANY($1::integer[]);
