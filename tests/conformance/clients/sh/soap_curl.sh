#!/bin/sh
# curl with an envelope written by hand.
set -eu
url=$1 account=$2 key=$3 recipient=$4
shift 4

call() { # operation, its parameters as XML
    curl --silent --show-error --fail "$url/sendsms/sendsms.asmx" \
        --header 'Content-Type: text/xml; charset=utf-8' --header "SOAPAction: \"http://tempuri.org/$1\"" --data-binary @- <<XML
<?xml version="1.0" encoding="utf-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">
  <soap:Body>
    <$1 xmlns="http://tempuri.org/">$2</$1>
  </soap:Body>
</soap:Envelope>
XML
}

read_result() { # operation, call, its parameters as XML
    printf '{"call": "%s", "read": "%s"}\n' "$2" "$(call "$1" "$3" | sed -n "s:.*<$1Result>\(.*\)</$1Result>.*:\1:p")"
}

send() { # call, key, text
    escaped=$(printf %s "$3" | sed 's/&/\&amp;/g; s/</\&lt;/g')
    read_result sms "$1" "<konto>$account</konto><passwd>$2</passwd><till>$recipient</till><from>iP1</from>
      <meddelande>$escaped</meddelande><prio>1</prio>"
}

read_result balans balans "<konto>$account</konto><passwd>$key</passwd>"
for text in "$@"; do
    send sms "$key" "$text"
done
send wrong "not-$key" never
