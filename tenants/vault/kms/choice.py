"""Which adapter a process uses, by its environment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tenants.vault.errors import KmsSettingMissing
from tenants.vault.kms.environment import EnvironmentKms
from tenants.vault.kms.file import FileKms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tenants.vault.kms.adapter import Kms

_ALLOW_DEMO = {"demo": True, "test": True, "production": False}


def from_environment(environ: Mapping[str, str]) -> Kms:
    """The environment adapter where the service manager hands over at least one root key, else the file adapter.

    Raises `KmsSettingMissing` where `BUVETT_MODE` is none of demo, test and production, or where there is neither a
    key in the environment nor a folder in `BUVETT_KEYS`; and what the adapters raise.
    """
    mode = environ.get("BUVETT_MODE", "")
    if mode not in _ALLOW_DEMO:
        raise KmsSettingMissing("BUVETT_MODE is one of demo, test, production")
    handed_over = EnvironmentKms(environ, allow_demo=_ALLOW_DEMO[mode])
    if handed_over.names():
        return handed_over
    if not environ.get("BUVETT_KEYS"):
        raise KmsSettingMissing("no root keys: BUVETT_KEYS names no folder, and no credential or variable holds one")
    return FileKms(Path(environ["BUVETT_KEYS"]), allow_demo=_ALLOW_DEMO[mode])
