<?php
// The provider's PHP sample for the web service: SoapClient without any option, balance first, arrays by name.
require __DIR__ . '/reading.php';
[, $url, $account, $key, $recipient] = $argv;
$texts = array_slice($argv, 5);

$client = new SoapClient("$url/sendsms/sendsms.asmx?wsdl");
$mmsClient = new SoapClient("$url/mms/mms.asmx?wsdl"); // made, and not used: it must not fail

$result = $client->balans(array('konto' => $account, 'passwd' => $key));
tell('balans', $result->balansResult);

foreach ($texts as $text) {
    $smsresult = $client->sms(array('konto' => $account, 'passwd' => $key, 'till' => $recipient, 'from' => 'iP1',
        'meddelande' => $text, 'prio' => '1'));
    tell('sms', $smsresult->smsResult);
}

$smsresult = $client->sms(array('konto' => $account, 'passwd' => "not-$key", 'till' => $recipient, 'from' => 'iP1',
    'meddelande' => 'never', 'prio' => '1'));
tell('wrong', $smsresult->smsResult);
