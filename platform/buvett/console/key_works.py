"""Work on keys: move a municipality's register to new ones (as the web process, which holds them all)."""

import sys

from buvett.console.requests import Answer, Request, WorkRefused
from buvett.releases.kept import needs_older_keys
from tenants.isolation.models import Municipality
from tenants.register import rotating

BY = "process:operator"


def rotate(request: Request) -> Answer:
    """New key versions for identity, assessment and notes; or, with ``finish``, shred the older ones.

    A version that still opens something outside the register stays.
    """
    code = str(request.options["municipality"])
    municipality = Municipality.objects.filter(code=code, valid_to=None).first()
    if municipality is None:
        raise WorkRefused(f"no municipality has the number {code}")
    lines = []
    for compartment in rotating.ROTATED:
        print(compartment.label, file=sys.stderr, flush=True)
        if request.options.get("finish"):
            if needs_older_keys(municipality.pk, compartment, by=BY):
                lines.append(f"{compartment.label}: older versions kept, numbers or remarks are sealed under them")
                continue
            shredded = rotating.finish(municipality.pk, compartment, by=BY)
            lines.append(f"{compartment.label}: {len(shredded)} older versions shredded")
            continue
        swept = rotating.rotate(municipality.pk, compartment, by=BY)
        if swept.unreadable:
            raise WorkRefused(f"{len(swept.unreadable)} envelopes of {compartment.label} do not open: look first")
        lines.append(f"{compartment.label}: {swept.resealed} envelopes under a new key")
    return {"lines": lines}


WORKS = {"rotate": rotate}
