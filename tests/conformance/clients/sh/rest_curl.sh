#!/bin/sh
# curl with HTTP Basic and JSON.
set -eu
url=$1 account=$2 key=$3 recipient=$4
shift 4

send() { # call, key, text without a quote or a backslash in it
    answer=$(curl --silent --show-error --user "$account:$2" --header 'Content-Type: application/json' \
        --data-binary "{\"From\": \"iP.1\", \"Numbers\": [\"+$recipient\"], \"Message\": \"$3\"}" \
        --write-out '\n%{http_code}' "$url/api/sms/send")
    status=${answer##*
}
    id=$(printf %s "$answer" | sed -n 's/.*"ID": *\([0-9]*\).*/\1/p')
    printf '{"call": "%s", "read": "%s", "status": %s}\n' "$1" "$id" "$status"
}

for text in "$@"; do
    send sms "$key" "$text"
done
send wrong "not-$key" never
