"""What the registry does to its data, one verb per file."""
