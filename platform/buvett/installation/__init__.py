"""Setting up: keys for each process, the schema, municipalities, and the demo region."""
