"""Facts to count: the assessments of the scope's municipality, opened one by one, with nothing that identifies."""

from collections.abc import Iterator
from typing import Any

from tenants.audit.entries import record_intent
from tenants.audit.enums import Action
from tenants.isolation.scopes import current_scope
from tenants.register.models import Case
from tenants.vault.compartments import Compartment
from tenants.vault.process import keyring
from tenants.vault.reading import with_salts
from tenants.vault.receipts import Extent
from tenants.vault.sealing import Opener

TABLE = "register_case"


def assessments() -> Iterator[dict[str, Any]]:
    """Every case's assessment facts. The intent is committed before the first envelope is opened.

    Reads the columns that the contributor is granted and no other. Work: one opening per case, about 50,000 a second.
    """
    scope = current_scope()
    receipt = record_intent(Action.CASES_COUNTED, compartments=[Compartment.ASSESSMENT], records=Extent.ALL_COUNTABLE)
    opener = Opener(keyring(), receipt)
    cases = Case.objects.filter(municipality_id=scope.municipality).order_by("id")
    rows = with_salts(cases, "id", "assessment")
    sealed = ((case, salt, envelope) for case, envelope, salt in rows if salt is not None)  # None: shredded
    yield from opener.open_many(Compartment.ASSESSMENT, TABLE, sealed)
