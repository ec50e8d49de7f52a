"""WebSockets to instances: over the network by `websockets`, or within the process."""
