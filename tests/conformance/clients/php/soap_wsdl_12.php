<?php
// SoapClient with the WSDL, speaking SOAP 1.2, with keys in capitals for balans (as a WordPress plugin had them).
require __DIR__ . '/reading.php';
[, $url, $account, $key, $recipient] = $argv;
$texts = array_slice($argv, 5);

$client = new SoapClient("$url/sendSms/sendSms.asmx?WSDL", ['soap_version' => SOAP_1_2]);
$send = fn (string $text, string $key) => $client->sms(['konto' => $account, 'passwd' => $key, 'till' => $recipient,
    'from' => 'iP1', 'meddelande' => $text, 'prio' => 2])->smsResult;

tell('balans', $client->balans(['Konto' => $account, 'Passwd' => $key])->balansResult);
foreach ($texts as $text) {
    tell('sms', $send($text, $key));
}
tell('wrong', $send('never', "not-$key"));
