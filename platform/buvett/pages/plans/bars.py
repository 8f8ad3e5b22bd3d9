"""Bars that a page and a paper draw alike. A hidden one is hatched and always of the same full length."""

from dataclasses import dataclass

from django.utils.translation import gettext, ngettext

FULL = 100  # the longest bar, in the drawing's own units


@dataclass(frozen=True, kw_only=True)
class Bar:
    """``is_own``: the number that the measure rests on."""

    label: str
    value: int | None
    why: str | None
    is_own: bool


@dataclass(frozen=True, kw_only=True)
class Bars:
    """One drawing; ``drawn`` adds the lengths."""

    title: str
    bars: tuple[Bar, ...]

    @property
    def drawn(self) -> tuple[tuple[Bar, int], ...]:
        """Each bar with its length, 0 to ``FULL``."""
        longest = max((bar.value or 0 for bar in self.bars), default=0)
        return tuple(
            (bar, FULL if bar.value is None else round(FULL * bar.value / longest) if longest else 0)
            for bar in self.bars
        )

    @property
    def hatches(self) -> range:
        """Where the lines of a hatched bar begin."""
        return range(-5, FULL, 5)

    @property
    def finding(self) -> str:
        """What the drawing shows, in one or two sentences."""
        hidden = sum(bar.value is None for bar in self.bars)
        most = max((bar.value or 0 for bar in self.bars), default=0)
        sentences = []
        if most:
            names = gettext(" and ").join(bar.label for bar in self.bars if bar.value == most)
            told = {"names": names, "number": most}
            if hidden:  # what is hidden may be more
                sentences.append(gettext("Most among those shown: %(names)s (%(number)d).") % told)
            else:
                sentences.append(gettext("Most: %(names)s (%(number)d).") % told)
        elif not hidden:
            sentences.append(gettext("All are zero."))
        if hidden == len(self.bars):
            sentences.append(gettext("All numbers are hidden."))
        elif hidden:
            sentences.append(
                ngettext(
                    "%(hidden)d of %(all)d numbers is hidden.", "%(hidden)d of %(all)d numbers are hidden.", hidden
                )
                % {"hidden": hidden, "all": len(self.bars)}
            )
        return " ".join(sentences)
