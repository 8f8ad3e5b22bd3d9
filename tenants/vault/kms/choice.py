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
    """The file adapter where `BUVETT_KEYS` names a folder, else the environment adapter.

    Raises `KmsSettingMissing` where `BUVETT_MODE` is none of demo, test and production, and what the adapters raise.
    """
    mode = environ.get("BUVETT_MODE", "")
    if mode not in _ALLOW_DEMO:
        raise KmsSettingMissing("BUVETT_MODE is one of demo, test, production")
    if environ.get("BUVETT_KEYS"):
        return FileKms(Path(environ["BUVETT_KEYS"]), allow_demo=_ALLOW_DEMO[mode])
    return EnvironmentKms(environ, allow_demo=_ALLOW_DEMO[mode])
