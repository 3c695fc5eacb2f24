# Axis 1.4 and what it needs, as Debian installs them.
jars="axis jaxrpc saaj commons-discovery commons-logging wsdl4j javax.mail javax.activation"
classpath=""
for jar in $jars; do
    classpath="$classpath/usr/share/java/$jar.jar:"
done
