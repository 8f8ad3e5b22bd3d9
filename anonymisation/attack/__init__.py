"""The attacker: what can be worked out from everything published, alone or with one contributor's own counts.

Separate code from the suppressor, with a system builder of its own; it takes from the rest of the package only the
plain values (programme, counts, release, errors). `audit` gives the verdict; it is the gate before every release.
"""

from anonymisation.attack.auditing import DEFAULT_WORK, audit, coalitions
from anonymisation.attack.report import AttackerReport, AuditReport, Exposed

__all__ = ["DEFAULT_WORK", "AttackerReport", "AuditReport", "Exposed", "audit", "coalitions"]
