-- A sender that is a number loses it as well; one of letters is no personal data.
UPDATE intents SET
    body = NULL,
    template_values = NULL,
    sender = CASE
        WHEN trim(sender, '0123456789') = '' THEN '…' || substr(sender, length(sender) - 2)
        ELSE sender
    END,
    erased = 1
WHERE id = ANY($1::integer[]);
