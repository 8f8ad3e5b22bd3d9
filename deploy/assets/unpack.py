"""Moves the pictures out of a style sheet: each ``url("data:image/svg+xml…")`` becomes a file beside it.

The pages' policy allows images of their own and no ``data:`` addresses. python unpack.py STYLE.css
"""

import hashlib
import re
import sys
from pathlib import Path
from urllib.parse import unquote

INLINE = re.compile(r"url\((?P<quote>[\"']?)data:image/svg\+xml(?:;charset=utf-8|;utf8)?,(?P<svg>.*?)(?P=quote)\)")


def unpack(sheet: Path) -> None:
    """Rewrite the sheet in place; its pictures go to ``icons/``, named by what they hold."""
    folder = sheet.parent / "icons"
    folder.mkdir(exist_ok=True)

    def move(found: re.Match[str]) -> str:
        svg = unquote(found["svg"])
        name = hashlib.sha256(svg.encode()).hexdigest()[:12]
        (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
        return f'url("icons/{name}.svg")'

    text = INLINE.sub(move, sheet.read_text(encoding="utf-8"))
    if "data:" in text:
        sys.exit(f"{sheet.name} still holds a data: address")
    sheet.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    unpack(Path(sys.argv[1]))
