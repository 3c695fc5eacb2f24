"""The HTTP interface, sendsms.aspx."""
