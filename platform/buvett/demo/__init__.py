"""The demo region: its people, its seven synthetic registers."""
