import time
from pathlib import Path

import pytest

from tests.unit.tenants.vault.house import Clock, Vault


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """An empty vault whose clock stands at now."""
    return Vault(tmp_path, Clock(time.time()))
