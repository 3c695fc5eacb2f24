UPDATE reports SET raw = $2, recipient = '…' || substr(recipient, length(recipient) - 2)
WHERE message_id = ANY($1::integer[]);
