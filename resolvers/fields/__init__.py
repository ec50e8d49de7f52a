"""The fields that ask: a list, an object by its ID, an inbox."""
