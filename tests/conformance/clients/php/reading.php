<?php
// Each program is called with URL, ACCOUNT, KEY, RECIPIENT and the texts to send, and tells what it read.

function tell(string $call, $read, ?int $status = null): void
{
    echo json_encode(['call' => $call, 'read' => (string) $read, 'status' => $status]), "\n";
}
