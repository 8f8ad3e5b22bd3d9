"""The keyring of this process, made once from its settings."""

from functools import cache
from pathlib import Path

from django.conf import settings

from tenants.vault.keyring import Keyring
from tenants.vault.keystore import KeyStore
from tenants.vault.kms.file import FileKms


@cache
def keyring() -> Keyring:
    """The one keyring of this process; production refuses keys that a demo made."""
    kms = FileKms(Path(settings.KEY_FOLDER), allow_demo=settings.MODE != "production")
    return Keyring(kms, KeyStore(Path(settings.KEYSTORE_FOLDER)))
