"""What operations sees: nothing of the content."""
