"""From an operation to its answer: what may be executed, at what cost, and how errors look."""
