UPDATE incoming SET
    body = NULL,
    raw = $2,
    sender = '…' || substr(sender, length(sender) - 2),
    recipient = '…' || substr(recipient, length(recipient) - 2),
    erased = 1
WHERE id = ANY($1::integer[]);
