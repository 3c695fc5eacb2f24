#!/bin/sh
# curl with a query string; the plus sign of the number is left unescaped, as programs do.
set -eu
url=$1 account=$2 key=$3 recipient=$4
shift 4

send() { # call, key, text
    answer=$(curl --silent --show-error --fail --get "$url/sendsms.aspx?to=+$recipient" \
        --data-urlencode "acc=$account" --data-urlencode "pass=$2" --data-urlencode "msg=$3" --data from=iP1 --data prio=1)
    printf '{"call": "%s", "read": "%s"}\n' "$1" "$answer"
}

for text in "$@"; do
    send sms "$key" "$text"
done
send wrong "not-$key" never
