"""People who sign in: password, second factor, sessions, invitations."""
