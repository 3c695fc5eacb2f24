<?php
// The provider's PHP sample for HTTP: a GET whose body repeats the query as a form.
require __DIR__ . '/reading.php';
[, $url, $account, $key, $recipient] = $argv;
$texts = array_slice($argv, 5);

function send(string $url, string $account, string $key, string $recipient, string $text): string
{
    $data = http_build_query(array('acc' => $account, 'pass' => $key, 'msg' => $text, 'from' => 'iP1',
        'to' => $recipient, 'prio' => '1', 'type' => ''));
    $opts = array('http' => array('method' => 'GET', 'header' => 'Content-type: application/x-www-form-urlencoded',
        'content' => $data));
    return file_get_contents("$url/sendsms.aspx?$data", false, stream_context_create($opts));
}

foreach ($texts as $text) {
    tell('sms', send($url, $account, $key, $recipient, $text));
}
tell('wrong', send($url, $account, "not-$key", $recipient, 'never'));
