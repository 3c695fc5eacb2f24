"""The outside: one package for each party the gateway talks to. Siblings never import each other."""
