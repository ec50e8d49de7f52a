"""What an operator can see of the gateway."""
