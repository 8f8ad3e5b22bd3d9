"""The vault: every fact about a person is an envelope, and opening one takes a receipt from the audit log.

Where to begin: `sealing.Sealer` and `sealing.Opener`; the bytes are in `envelope`, the keys in `keyring`,
the root keys in `kms`. The written format, its sources and its limits: platform/docs/vault.md.
"""
