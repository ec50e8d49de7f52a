"""What speaks to instances. Each platform is a folder that knows nothing of the other."""
