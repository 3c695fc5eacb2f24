"""`make bench`: this gateway beside others, on one machine, in one session."""
