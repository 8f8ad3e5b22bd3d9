"""Plain text as blocks: paragraphs and lists. The only form that a plan's text has; nothing in it is ever markup."""

from dataclasses import dataclass
from itertools import groupby

BULLETS = ("- ", "– ", "• ")


@dataclass(frozen=True, kw_only=True)
class Block:
    """A paragraph (its lines), or a list (its items)."""

    is_list: bool
    lines: tuple[str, ...]


def blocks(text: str) -> tuple[Block, ...]:
    """Blank lines part blocks; lines that begin with a hyphen and a blank are the items of a list.

    >>> [(block.is_list, block.lines) for block in blocks("Vi vil:\\n- ein\\n- to\\n\\nSlutt.")]
    [(False, ('Vi vil:',)), (True, ('ein', 'to')), (False, ('Slutt.',))]
    """
    found = []
    for kind, lines in groupby(text.split("\n"), key=_kind):
        if kind:
            told = (line.strip() for line in lines)
            found.append(
                Block(
                    is_list=kind == "item",
                    lines=tuple(line[2:].strip() if kind == "item" else line for line in told),
                )
            )
    return tuple(found)


def _kind(line: str) -> str:
    line = line.strip()
    if not line:
        return ""
    return "item" if line.startswith(BULLETS) else "line"
