"""What callers ask for, checked: arguments, filters, and the inputs of mutations."""
