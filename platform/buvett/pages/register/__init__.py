"""A municipality's own people: lists, cases."""
