"""What states, papers and obstacles are called."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from buvett.agreements.enums import Missing
from buvett.releases.errors import Obstacle

MISSING: Mapping[Missing, str | Promise] = {
    Missing.MEMBERSHIP: _("The municipality is not a member of the agreement today."),
    Missing.PROCESSOR_AGREEMENT: _("The processor agreement (databehandlaravtale) is missing or has run out."),
    Missing.DPIA: _("The data protection impact assessment (DPIA) is missing or has run out."),
    Missing.APPROVAL: _("A leader has to approve the numbers."),
    Missing.HEIMEL: _("There is no valid legal basis (heimel) for sharing numbers in the region."),
    Missing.FACTS: _("The register holds facts that the agreed lists have no code for."),
    Missing.KEY: _(
        "The key that numbers are sealed to is not signed by the region that is known here. Ask operations."
    ),
}

OBSTACLES: Mapping[Obstacle, str | Promise] = {
    Obstacle.OWN: _("You have prepared these numbers yourself, so another leader has to decide."),
    Obstacle.NOT_OPEN: _("This is closed: the numbers have been delivered, or the period has ended."),
    Obstacle.OLDER: _("There are newer numbers, or these have been decided on already. Look at them once more."),
    Obstacle.CHANGED: _("The register has changed since these numbers were prepared. Ask for a new count."),
    Obstacle.NO_REMARK: _("Write why."),
    Obstacle.FACTS: _("The register holds facts that the agreed lists have no code for. Put them right first."),
    Obstacle.FIXED: _("The counts of this period were fixed the first time; they cannot be counted anew."),
    Obstacle.DATES: _("Choose a last day after today and within a year."),
}
