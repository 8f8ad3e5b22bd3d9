"""Writing files whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from anonymisation.errors import InputError


def write_all(files: Mapping[Path, bytes], *, private: frozenset[Path] = frozenset()) -> None:
    """Write every file beside its place first, then move all into place.

    On failure nothing is left and `InputError` is raised. Those in `private` are readable by their owner only.
    """
    ready: list[tuple[Path, Path]] = []
    for path in files:
        # Found before anything is moved into place: no file is left without the others.
        if path.is_dir():
            raise InputError(f"{path.name}: cannot be written (it is a folder)")
    try:
        for path, content in files.items():
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            ready.append((Path(name), path))
            with os.fdopen(handle, "wb") as out:
                out.write(content)
            if path not in private:
                # mkstemp makes 0600; what is public gets what the umask allows.
                mask = os.umask(0)
                os.umask(mask)
                Path(name).chmod(0o666 & ~mask)
        for temporary, path in ready:
            temporary.replace(path)
    except OSError as problem:
        raise InputError(f"{path.name}: cannot be written ({problem.strerror})") from None
    finally:
        for temporary, _ in ready:
            temporary.unlink(missing_ok=True)
