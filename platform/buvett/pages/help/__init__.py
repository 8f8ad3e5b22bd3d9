"""Help that is open to all: what the words mean."""
