"""Folders and secret files with the owner and mode that they must have."""

import os
import secrets
import stat
from pathlib import Path

from buvett.services.errors import WrongModes
from buvett.services.users import User


def own_folder(path: Path, *, owner: User, mode: int) -> Path:
    """Make ``path`` (its parents exist) or check it: WrongModes when somebody else owns it or could write to it."""
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        check(path, owner=owner, folder=True)
        if stat.S_IMODE(path.lstat().st_mode) & ~mode:
            raise WrongModes(f"others could look into {path}: its mode must be {mode:04o}") from None
        return path
    if not owner.is_current:
        os.chown(path, owner.uid, owner.gid)
    path.chmod(mode)
    return path


def check(path: Path, *, owner: User, folder: bool = False) -> None:
    """Raise WrongModes unless ``path`` is a plain file or folder of ``owner`` that nobody else can write to."""
    seen = path.lstat()
    kind = stat.S_ISDIR if folder else stat.S_ISREG
    if not kind(seen.st_mode):
        raise WrongModes(f"{path} is not a plain {'folder' if folder else 'file'}")
    if seen.st_uid != owner.uid:
        raise WrongModes(f"{path} does not belong to {owner.name}")
    if stat.S_IMODE(seen.st_mode) & 0o022:
        raise WrongModes(f"others can write to {path}")


def write_secret(path: Path, content: str, *, owner: User) -> None:
    """Write a file that only ``owner`` reads (0600); whoever reads it sees the old or the new content, never half."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        if not owner.is_current:
            os.fchown(file.fileno(), owner.uid, owner.gid)
    draft.replace(path)


def read_secret(path: Path, *, owner: User) -> str:
    """The content of a 0600 file of ``owner``; WrongModes when others could read it."""
    check(path, owner=owner)
    if stat.S_IMODE(path.lstat().st_mode) & 0o077:
        raise WrongModes(f"others can read {path}: its mode must be 0600")
    return path.read_text(encoding="utf-8")


def password(path: Path, *, owner: User) -> str:
    """The random password that ``path`` holds, made on first use."""
    if not path.exists():
        write_secret(path, secrets.token_urlsafe(32) + "\n", owner=owner)
    return read_secret(path, owner=owner).strip()
