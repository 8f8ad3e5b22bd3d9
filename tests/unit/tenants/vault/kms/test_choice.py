from pathlib import Path

import pytest

from tenants.vault import names
from tenants.vault.errors import KmsKeyRefused, KmsSettingMissing
from tenants.vault.kms import documents
from tenants.vault.kms.choice import from_environment
from tenants.vault.kms.environment import EnvironmentKms
from tenants.vault.kms.file import FileKms

NAME = "a/notes"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    tmp_path.chmod(0o700)
    FileKms(tmp_path, allow_demo=True).create(NAME, demo=True)
    return {"BUVETT_KEYS": str(tmp_path), "BUVETT_MODE": "demo"}


@pytest.mark.parametrize("mode", ["demo", "test"])
def test_folder_of_keys_chooses_the_file_adapter(environ: dict[str, str], mode: str) -> None:
    kms = from_environment({**environ, "BUVETT_MODE": mode})
    assert isinstance(kms, FileKms)
    assert kms.unwrap(NAME, kms.wrap(NAME, b"secret", context=b""), context=b"") == b"secret"


def test_keys_of_the_demo_are_refused_in_production(environ: dict[str, str]) -> None:
    with pytest.raises(KmsKeyRefused, match="BUVETT_MODE is production"):
        from_environment({**environ, "BUVETT_MODE": "production"}).wrap(NAME, b"secret", context=b"")


@pytest.mark.parametrize("mode", [{}, {"BUVETT_MODE": ""}, {"BUVETT_MODE": "Production"}, {"BUVETT_MODE": "prod"}])
def test_mode_that_is_missing_or_unknown_is_named(environ: dict[str, str], mode: dict[str, str]) -> None:
    del environ["BUVETT_MODE"]
    with pytest.raises(KmsSettingMissing, match="BUVETT_MODE"):
        from_environment({**environ, **mode})


def test_key_that_is_handed_over_chooses_the_environment_adapter(environ: dict[str, str]) -> None:
    variable = {names.as_variable(NAME): documents.dump(documents.make(NAME, demo=False))}
    for more in ({}, environ):
        kms = from_environment({**more, **variable, "BUVETT_MODE": "production"})
        assert isinstance(kms, EnvironmentKms)
        assert kms.names() == {NAME}


def test_credentials_of_another_kind_do_not_hide_the_folder_of_keys(environ: dict[str, str], tmp_path: Path) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "tls.pem").touch()
    kms = from_environment({**environ, "CREDENTIALS_DIRECTORY": str(credentials)})
    assert isinstance(kms, FileKms)


def test_environment_with_neither_folder_nor_key_is_refused() -> None:
    with pytest.raises(KmsSettingMissing, match="BUVETT_KEYS"):
        from_environment({"BUVETT_MODE": "demo", "BUVETT_KEYS": ""})
