"""The data protection officer's pages: who has looked at what, and what the work rests on. Never a case."""
