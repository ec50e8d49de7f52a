"""The demo: instances in memory, their inboxes, and what can be wrong with them."""
