#!/bin/sh
# Makes the Java program in DIRECTORY, with a proxy from compiled.wsdl.
set -eu
cd "$(dirname "$0")"
directory=$1

. ./classpath.sh
java -cp "$classpath" org.apache.axis.wsdl.WSDL2Java -o "$directory" -p sendsms ../compiled.wsdl
javac -nowarn -Xlint:none -cp "$classpath" -d "$directory" SoapProxy.java "$directory"/sendsms/*.java
