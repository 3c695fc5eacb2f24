<?php
// The provider's PHP sample for REST 1.0.
require __DIR__ . '/reading.php';
[, $url, $account, $key, $recipient] = $argv;
$texts = array_slice($argv, 5);

function send(string $url, string $account, string $key, string $recipient, string $text): void
{
    $json = json_encode(array('Numbers' => [$recipient], 'From' => 'iP1', 'Message' => $text));
    $options = array('http' => array(
        'header' => array('Content-Type: application/json',
            'Authorization: Basic ' . base64_encode("$account:$key"), 'Content-Length: ' . strlen($json)),
        'method' => 'POST', 'content' => $json, 'ignore_errors' => true));
    $response = json_decode(file_get_contents("$url/api/sms/send", false, stream_context_create($options)), true);
    $status = (int) explode(' ', $http_response_header[0])[1];
    tell($status === 201 ? 'sms' : 'wrong', $response[0]['ID'] ?? $response['Message'], $status);
}

foreach ($texts as $text) {
    send($url, $account, $key, $recipient, $text);
}
send($url, $account, "not-$key", $recipient, 'never');
