"""The keyring of this process, made once from its settings."""

import os
from functools import cache
from pathlib import Path

from django.conf import settings

from tenants.vault.keyring import Keyring
from tenants.vault.keystore import KeyStore
from tenants.vault.kms.choice import from_environment


@cache
def keyring() -> Keyring:
    """The one keyring of this process; production refuses keys that a demo made."""
    return Keyring(from_environment(os.environ), KeyStore(Path(settings.KEYSTORE_FOLDER)))
