"""What is kept under a municipality's own keys outside its register, which moving the register to new keys leaves."""

from uuid import UUID

from buvett.releases.models import Decision, Preparation
from buvett.releases.queries import last_delivery
from tenants.isolation.enums import Purpose
from tenants.isolation.scopes import scope
from tenants.vault.compartments import Compartment


def needs_older_keys(municipality: UUID, compartment: Compartment, *, by: str) -> bool:
    """Whether older keys of the compartment must not be shredded: they still open numbers or remarks.

    Counted and prepared numbers lie under the assessment key (a second run of a period seals them again), a leader's
    remarks under the key for notes.
    """
    with scope(municipality, by=by, purpose=Purpose.KONTROLL):
        if compartment is Compartment.ASSESSMENT:
            return last_delivery(municipality) is not None or Preparation.objects.exists()
        return compartment is Compartment.NOTES and Decision.objects.exclude(remark=None).exists()
