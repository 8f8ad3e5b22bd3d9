"""Root keys behind one small interface (`adapter.Kms`); the adapters pass one conformance suite."""
