"""One list out of many: how an inbox is read on, merged with the others, and where a cursor is."""
