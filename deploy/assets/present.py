"""Refuses to build a distribution without the pages' style: it would install and look like nothing."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NEEDED = ("index.css", "theme.css", "index.js", "LICENSES.txt")


class Present(BuildHookInterface):
    """Looks before anything is packed. An editable installation comes first and brings them afterwards."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        folder = Path(self.root, "platform", "buvett", "pages", "static", "designsystemet")
        lacking = [name for name in NEEDED if not (folder / name).is_file()]
        if lacking and version != "editable":
            raise SystemExit(f"{folder} lacks {', '.join(lacking)}: run sh deploy/assets/bring")
