"""The audit report of FORMATS.md section 1, as frozen values."""

from dataclasses import dataclass
from typing import Any

FORMAT = "anonymise/audit/1"


@dataclass(frozen=True, order=True)
class Exposed:
    """A quantity whose range is too narrow. `upper` is None where nothing bounds it.

    `margin`, if any, names the dimension of a group quantity (the margin without the cell); `release` the earlier
    programme whose table it is; `difference` the earlier revision that the quantity was subtracted from.
    """

    table: str
    key: tuple[str, ...]
    lower: int
    upper: int | None
    margin: str = ""
    release: str = ""
    difference: str = ""

    def to_json(self) -> dict[str, Any]:
        """The entry as the report writes it; fields that say nothing are left out."""
        told: dict[str, Any] = {"table": self.table, "key": list(self.key), "lower": self.lower, "upper": self.upper}
        for name in ("margin", "release", "difference"):
            if getattr(self, name):
                told[name] = getattr(self, name)
        return told


@dataclass(frozen=True)
class AttackerReport:
    """What one attacker can work out. `unfinished` counts quantities for which neither was proven."""

    who: str
    checked: int
    disclosed: tuple[Exposed, ...]
    narrow: tuple[Exposed, ...] = ()
    unfinished: int = 0

    def to_json(self) -> dict[str, Any]:
        """The attacker as the report writes it."""
        return {
            "who": self.who,
            "checked": self.checked,
            "disclosed": [e.to_json() for e in sorted(self.disclosed)],
            "narrow": [e.to_json() for e in sorted(self.narrow)],
        }


@dataclass(frozen=True)
class AuditReport:
    """Safe only if every attacker was finished and found nothing."""

    attackers: tuple[AttackerReport, ...]

    @property
    def complete(self) -> bool:
        """Whether everything could be checked."""
        return not any(attacker.unfinished for attacker in self.attackers)

    @property
    def safe(self) -> bool:
        """Nothing is disclosed, and everything was checked."""
        return self.complete and not any(attacker.disclosed for attacker in self.attackers)

    def to_json(self) -> dict[str, Any]:
        """The report as FORMATS.md writes it."""
        return {
            "format": FORMAT,
            "safe": self.safe,
            "complete": self.complete,
            "attackers": [attacker.to_json() for attacker in self.attackers],
        }
