"""Mutation tests of the rules that matter: one rule is broken at a time, and a test must notice."""
