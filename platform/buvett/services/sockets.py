"""A short folder for a server's socket: the kernel allows 107 bytes, a home may lie much deeper."""

import hashlib
import os
from pathlib import Path

from buvett.services.folders import own_folder
from buvett.services.home import Home


def socket_folder(home: Home) -> Path:
    """The 0700 folder of this home's sockets, made where missing.

    Its name is derived from the home, so a later command finds it. Raises WrongModes when somebody else has put a
    folder, file or link of that name there.
    """
    return own_folder(socket_place(home), owner=home.servers_as, mode=0o700)


def socket_place(home: Home) -> Path:
    """Where that folder is or would be."""
    label = hashlib.sha256(os.fsencode(home.path.resolve())).hexdigest()[:16]
    # /tmp is shared, and so is the name; the owner is checked each time. Root's /run is not shared.
    base = Path("/run") if os.geteuid() == 0 and os.access("/run", os.W_OK) else Path("/tmp")  # noqa: S108
    return base / f"buvett-{home.servers_as.uid}-{label}"
