<?php
// SoapClient without a WSDL: an RPC-style body, typed values, a namespace of its own. First argument: 1.1 or 1.2.
require __DIR__ . '/reading.php';
[, $version, $url, $account, $key, $recipient] = $argv;
$texts = array_slice($argv, 6);

$client = new SoapClient(null, [
    'location' => "$url/sendsms/sendsms.asmx",
    'uri' => 'http://a-namespace-of-our-own.example/',
    'soap_version' => $version === '1.2' ? SOAP_1_2 : SOAP_1_1,
]);
$named = fn (array $values) => array_map(fn ($value, $name) => new SoapParam($value, $name), $values, array_keys($values));
$send = fn (string $text, string $key) => $client->__soapCall('sms', $named(['konto' => $account, 'passwd' => $key,
    'till' => $recipient, 'from' => 'iP1', 'meddelande' => $text, 'prio' => 1]));

tell('balans', $client->__soapCall('balans', $named(['konto' => $account, 'passwd' => $key])));
foreach ($texts as $text) {
    tell('sms', $send($text, $key));
}
tell('wrong', $send('never', "not-$key"));
