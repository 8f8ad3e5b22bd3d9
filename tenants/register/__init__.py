"""People, cases and their kartlegging: read from files or pages, kept in envelopes, counted without identity."""
