"""The register's counts in a run's agreed tables, as the contributor would seal them now."""

from buvett.releases.models import Run
from buvett.releases.runs import programme_of
from buvett.releases.tabulate import pad, padded_length, tabulate
from tenants.register import facts


def now(run: Run, *, code: str) -> bytes:
    """The padded counts of the municipality with that number. Inside its scope; the intent is committed first.

    Raises NotCountable for a fact that a list of the programme has no code for.
    """
    programme = programme_of(run.agreement)
    text = tabulate(facts.assessments(), programme, municipality=code, counted_on=run.counted_on)
    return pad(text, length=padded_length(programme))
