"""What instances send, read value by value: nothing of it is believed."""
