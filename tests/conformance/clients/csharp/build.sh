#!/bin/sh
# Makes the C# programs in DIRECTORY: a proxy from the running gateway's WSDL, one from compiled.wsdl, and HttpClient.
set -eu
cd "$(dirname "$0")"
directory=$1 url=$2

proxy() { # name, where the WSDL is
    wsdl -nologo -out:"$directory/$1.proxy.cs" "$2" >/dev/null
    mcs -nologo -warn:0 -out:"$directory/$1.exe" -r:System.Web.Services soap_proxy.cs "$directory/$1.proxy.cs"
}

proxy current "$url/sendsms/sendsms.asmx?wsdl"
proxy compiled ../compiled.wsdl
mcs -nologo -out:"$directory/rest.exe" -r:System.Net.Http rest_http_client.cs
