#!/bin/sh
# Runs the Java program that build.sh made in DIRECTORY.
set -eu
directory=$1
shift
. "$(dirname "$0")/classpath.sh"
exec java -cp "$directory:$classpath" SoapProxy "$@"
