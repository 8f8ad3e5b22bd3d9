from pathlib import Path

import pytest

from tenants.vault import names
from tenants.vault.errors import KmsKeyNotHeld, KmsKeyRefused
from tenants.vault.kms import documents
from tenants.vault.kms.environment import EnvironmentKms

NAME = "0f7a2e64/assessment"


def credential(folder: Path, name: str = NAME, *, mode: int = 0o400) -> dict[str, str]:
    path = folder / (names.as_file(name) + ".key")
    path.write_text(documents.dump(documents.make(name, demo=False)))
    path.chmod(mode)
    return {"CREDENTIALS_DIRECTORY": str(folder)}


def variable(name: str = NAME) -> dict[str, str]:
    return {names.as_variable(name): documents.dump(documents.make(name, demo=False))}


@pytest.mark.parametrize("environ", [{}, {"CREDENTIALS_DIRECTORY": ""}, {"BUVETT_KEYS": ""}])
def test_environment_without_a_key_holds_none(environ: dict[str, str]) -> None:
    kms = EnvironmentKms(environ, allow_demo=True)
    assert kms.names() == frozenset()
    with pytest.raises(KmsKeyNotHeld):
        kms.wrap(NAME, b"secret", context=b"")


def test_credentials_and_variables_go_together(tmp_path: Path) -> None:
    kms = EnvironmentKms({**credential(tmp_path), **variable("region/vt/signing")}, allow_demo=False)
    assert kms.names() == {NAME, "region/vt/signing"}
    for name in kms.names():
        assert kms.unwrap(name, kms.wrap(name, b"secret", context=b""), context=b"") == b"secret"


def test_same_name_in_both_places_is_refused(tmp_path: Path) -> None:
    kms = EnvironmentKms({**credential(tmp_path), **variable()}, allow_demo=False)
    with pytest.raises(KmsKeyRefused, match="both"):
        kms.wrap(NAME, b"secret", context=b"")


@pytest.mark.parametrize("mode", [0o404, 0o444, 0o402])
def test_credential_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    kms = EnvironmentKms(credential(tmp_path, mode=mode), allow_demo=False)
    with pytest.raises(KmsKeyRefused, match="tight"):
        kms.wrap(NAME, b"secret", context=b"")


def test_variable_whose_name_is_no_key_name_is_refused() -> None:
    kms = EnvironmentKms({"BUVETT_KEY_a": "x"}, allow_demo=True)
    with pytest.raises(KmsKeyRefused):
        kms.names()


def test_other_credentials_of_the_service_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "tls.pem").write_text("x")
    assert EnvironmentKms(credential(tmp_path), allow_demo=False).names() == {NAME}


def test_other_settings_are_left_alone() -> None:
    environ = {**variable(), "BUVETT_KEYSTORE": "/x", "BUVETT_MODE": "demo", "PATH": "/bin"}
    assert EnvironmentKms(environ, allow_demo=False).names() == {NAME}
