"""Who else is measured."""
