"""The SOAP interface, sendsms.asmx."""
