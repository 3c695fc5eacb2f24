<?php
// nusoap, which speaks HTTP/1.0. First argument: wsdl, or bare for calls without one.
error_reporting(E_ALL & ~E_DEPRECATED);
require __DIR__ . '/reading.php';
load_nusoap('/usr/share/php/nusoap');
[, $mode, $url, $account, $key, $recipient] = $argv;
$texts = array_slice($argv, 6);

// It was written for PHP 4, whose constructors bear the name of their class; PHP 8 knows them as __construct alone.
function load_nusoap(string $directory): void
{
    $source = file_get_contents("$directory/nusoap.php");
    preg_match_all('/^class (\w+)/m', $source, $classes);
    $names = implode('|', $classes[1]);
    $source = preg_replace("/function ($names)\s*\(/i", 'function __construct(', $source);
    $source = preg_replace("/parent::($names)\s*\(/i", 'parent::__construct(', $source);
    eval('?>' . $source);
}

$address = "$url/sendSms/sendSms.asmx";
$client = $mode === 'wsdl' ? new nusoap_client("$address?WSDL", 'wsdl') : new nusoap_client($address);
$client->soap_defencoding = 'UTF-8';
$client->decode_utf8 = false;

function read($client, string $operation, array $values): string
{
    $result = $client->call($operation, $values);
    if ($client->getError()) {
        throw new RuntimeException($client->getError());
    }
    return is_array($result) ? $result["{$operation}Result"] : $result;
}

$send = fn (string $text, string $key) => read($client, 'sms', ['konto' => $account, 'passwd' => $key,
    'till' => $recipient, 'from' => 'iP1', 'meddelande' => $text, 'prio' => 2]);

tell('balans', read($client, 'balans', ['Konto' => $account, 'Passwd' => $key]));
foreach ($texts as $text) {
    tell('sms', $send($text, $key));
}
tell('wrong', $send('never', "not-$key"));
