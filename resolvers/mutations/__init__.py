"""What can be changed. What is refused is told in `userErrors`, and the others go on."""
