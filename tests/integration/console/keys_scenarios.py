"""What `buvett keys` answers when something is lost: run as the owner in production mode, on copies of the folders.

Prints one JSON object: scenario → the lines that were made, or the refusal. Nothing here changes the home's own keys.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import django

django.setup()

from allauth.mfa.models import Authenticator  # noqa: E402 - settings first
from django.conf import settings  # noqa: E402

from buvett.accounts.models import User  # noqa: E402
from buvett.agreements.actions import make_region  # noqa: E402
from buvett.console import owner_works  # noqa: E402
from buvett.console.requests import Request, WorkRefused  # noqa: E402
from buvett.installation import completing  # noqa: E402
from buvett.installation.keys import KeyFolders  # noqa: E402
from tenants.isolation import keys as context_keys  # noqa: E402
from tenants.isolation.enums import Role  # noqa: E402
from tenants.isolation.models import Municipality  # noqa: E402
from tenants.isolation.provision import provisioned  # noqa: E402
from tenants.vault.kms.file import FileKms  # noqa: E402

KEYS = Path(sys.argv[1])
TOWN = Municipality.objects.get(code="4034").pk


def attempt(lose):
    """Copy the folders, lose something in the copy, and complete it: (answer, whether any file was made)."""
    with tempfile.TemporaryDirectory() as place:
        root, keystore = Path(place) / "keys", Path(place) / "keystore"
        shutil.copytree(KEYS, root)
        shutil.copytree(settings.KEYSTORE_FOLDER, keystore)
        lose(root, keystore)
        before = files(Path(place))
        try:
            lines = completing.complete(KeyFolders(root=root, keystore=keystore, demo=False))
            said = "; ".join(lines) or "nothing"
        except completing.KeysRefused as refusal:
            said = f"refused: {refusal}"
        return {"said": said, "made": sorted(files(Path(place)) - before)}


def files(place):
    return {str(path.relative_to(place)) for path in place.rglob("*") if path.is_file() and path.name != ".lock"}


def swap_context(root, _):
    (root / "web/context/app.key").unlink()
    context_keys.create(root / "web", Role.APP, demo=False)


def demo_root(root, _):
    (root / "web/accounts~second-factor.key").unlink()
    FileKms(root / "web", allow_demo=True).create("accounts/second-factor", demo=True)


def no_keystore(_, keystore):
    shutil.rmtree(keystore)
    keystore.mkdir(mode=0o700)


def shredded(_, keystore):
    (version,) = (keystore / str(TOWN) / "notes").glob("*.wrapped")
    version.rename(version.with_suffix(".gone"))


def contributors_alone(root, _):
    for path in (root / "contributor").rglob("*.key"):
        path.unlink()


def contributors_copies(root, _):
    for path in (root / "contributor").glob("*.key"):
        path.unlink()


def another_root(root, _):
    (root / f"web/{TOWN}~notes.key").unlink()
    FileKms(root / "web", allow_demo=False).create(f"{TOWN}/notes", demo=False)


def add(code, name):
    try:
        return owner_works.municipality(
            Request(options={"code": code, "name": name, "since": "2026-01-01", "keys": str(KEYS)}, content=b"")
        )["lines"]
    except WorkRefused as refusal:
        return f"refused: {refusal}"


answers = {
    "number of another": add("4034", "Vinje"),
    "no number": add("40", "Vinje"),
    "no name": add("4036", " "),
    "the same": add("4034", "Tokke"),
    "contributor's copies": attempt(contributors_copies),
    "another root": attempt(another_root),
    "nothing": attempt(lambda root, keystore: None),
    "contributor": attempt(contributors_alone),
    "context lost": attempt(lambda root, _: shutil.rmtree(root / "web/context")),
    "context another": attempt(swap_context),
    "root lost": attempt(lambda root, _: (root / f"web/{TOWN}~identity.key").unlink()),
    "data key lost": attempt(lambda _, keystore: shutil.rmtree(keystore / str(TOWN) / "identity")),
    "shredded": attempt(shredded),
    "open to others": attempt(lambda root, _: (root / "web").chmod(0o755)),
    "demo": attempt(demo_root),
    "factor root lost": attempt(lambda root, _: (root / "web/accounts~second-factor.key").unlink()),
    "factor lost, nobody has one": attempt(lambda _, keystore: shutil.rmtree(keystore / "accounts")),
}
person = User.objects.create_user(email="ada@example.invalid", name="Ada")
Authenticator.objects.create(user=person, type="totp", data={"secret": "sealed"})
answers["factor lost"] = attempt(lambda _, keystore: shutil.rmtree(keystore / "accounts"))
answers["keystore lost"] = attempt(no_keystore)
region = make_region(slug="vest-telemark", name="Vest-Telemark")
known = [sorted(provisioned(region.pk))]
attempt(lambda root, keystore: None)
answers["region"] = [*known, sorted(provisioned(region.pk))]
print(json.dumps(answers))
