"""Requests that are handed to children, and the table of which kind of process does what."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from buvett.services.roles import Process

Answer = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked for: plain options and the bytes of a file."""

    options: Mapping[str, Any]
    content: bytes


# Which kind of process does what, and where it is written; the module is imported in the child alone.
WORKS: Mapping[str, tuple[Process, str]] = {
    "install": (Process.OWNER, "owner_works"),
    "migrate": (Process.OWNER, "owner_works"),
    "keys": (Process.OWNER, "owner_works"),
    "municipality": (Process.OWNER, "owner_works"),
    "region": (Process.OWNER, "region_works"),
    "agreement": (Process.OWNER, "region_works"),
    "leave": (Process.OWNER, "region_works"),
    "population": (Process.OWNER, "owner_works"),
    "people": (Process.WEB, "owner_works"),
    "admin_create": (Process.WEB, "account_works"),
    "admin_reset": (Process.WEB, "account_works"),
    "import": (Process.WEB, "register_works"),
    "registers": (Process.WEB, "register_works"),
    "counts": (Process.WEB, "register_works"),
    "rotate": (Process.WEB, "key_works"),
    "open": (Process.PUBLISHER, "push_works"),
    "publish": (Process.PUBLISHER, "push_works"),
    "withdraw": (Process.PUBLISHER, "push_works"),
    "contribute": (Process.CONTRIBUTOR, "push_works"),
    "plan": (Process.WEB, "demo_works"),
    "leaving": (Process.WEB, "demo_works"),
    "next_agreement": (Process.OWNER, "demo_works"),
    "next_papers": (Process.WEB, "demo_works"),
    "await": (Process.WEB, "waiting_works"),
}


class WorkRefused(Exception):
    """The work was refused; the message is one sentence, without any confidential value. Exit code 2."""
