"""The keys that sign a scope: one per municipality and database role, derived from one per role.

Files in the process's key folder, 32 bytes as hex after a mark that tells demo keys from real ones:
``context/<role>.key`` (a process that serves every municipality) or ``context/<role>.<municipality>.key`` (one only).
"""

import hashlib
import hmac
import secrets
from functools import cache
from pathlib import Path
from uuid import UUID

from django.conf import settings

from tenants.isolation.enums import Role
from tenants.isolation.errors import NoContextKey

MARK = "buvett-context-key-1"


def derive(role_key: bytes, municipality: UUID) -> bytes:
    """The key of one municipality under a role's key (32 bytes)."""
    return hmac.new(role_key, b"municipality:" + municipality.bytes, hashlib.sha256).digest()


def key_for(municipality: UUID, role: Role) -> bytes:
    """The key that signs scopes of this municipality and role, or NoContextKey."""
    folder = Path(settings.KEY_FOLDER) / "context"
    own = _read(folder / f"{role}.{municipality}.key", settings.MODE)
    if own is not None:
        return own
    shared = _read(folder / f"{role}.key", settings.MODE)
    if shared is None:
        raise NoContextKey(f"no context key for this municipality and role {role} in {folder}")
    return derive(shared, municipality)


def derive_region(app_key: bytes, region: UUID) -> bytes:
    """The key of a region's scopes (32 bytes): from the web's own role, which alone writes a region's rows."""
    return hmac.new(app_key, b"region:" + region.bytes, hashlib.sha256).digest()


def key_for_region(region: UUID) -> bytes:
    """The key that signs scopes of this region, or NoContextKey."""
    folder = Path(settings.KEY_FOLDER) / "context"
    shared = _read(folder / f"{Role.APP}.key", settings.MODE)
    if shared is None:
        raise NoContextKey(f"no context key of role {Role.APP} in {folder}: this process serves no region")
    return derive_region(shared, region)


def create(folder: Path, role: Role, *, demo: bool) -> bytes:
    """Make the key of a role, or return the one that is there."""
    path = folder / "context" / f"{role}.key"
    found = _read(path, "demo" if demo else "production")
    if found is not None:
        return found
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = secrets.token_bytes(32)
    path.touch(mode=0o600)
    path.write_text(f"{MARK} {'demo' if demo else 'production'} {key.hex()}\n", encoding="ascii")
    _read.cache_clear()
    return key


def held(folder: Path, role: Role, *, demo: bool) -> bytes | None:
    """The key of a role that lies in a folder now, None where there is none. Raises NoContextKey for a demo's."""
    return _read.__wrapped__(folder / "context" / f"{role}.key", "demo" if demo else "production")


@cache
def _read(path: Path, mode: str) -> bytes | None:
    if not path.is_file():
        return None
    try:
        mark, kind, text = path.read_text(encoding="ascii").split()
        key = bytes.fromhex(text)
    except ValueError:
        raise NoContextKey(f"{path} is not a context key") from None
    if mark != MARK or len(key) != 32:
        raise NoContextKey(f"{path} is not a context key")
    if mode == "production" and kind != "production":
        raise NoContextKey(f"{path} is a demo key: production refuses it")
    return key


def hmac_blocks(key: bytes) -> tuple[bytes, bytes]:
    """The inner and outer 64-byte blocks of HMAC-SHA256 (RFC 2104), as the database stores them."""
    block = key.ljust(64, b"\0")
    return bytes(b ^ 0x36 for b in block), bytes(b ^ 0x5C for b in block)
