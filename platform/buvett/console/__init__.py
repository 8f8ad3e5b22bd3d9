"""The `buvett` command: starts what must run, then lets the right kind of process do the work."""
