"""A chart's finding as one or two sentences, for those who do not see it and those in a hurry."""

from django.utils.translation import gettext, ngettext

from buvett.pages.regional.charts import Chart
from buvett.pages.regional.measures import Measure


def finding(chart: Chart) -> str:
    """What a chart shows: where most are, how many numbers are hidden, and how many have too small a base."""
    sentences = []
    largest = chart.largest
    if largest:
        names = gettext(" and ").join(bar.label for bar in largest)
        told = {"names": names, "number": largest[0].shown.text}
        if chart.measure is Measure.RATE:
            told["number"] = gettext("%(number)s per 1,000") % told
        if chart.hidden or chart.lacking:  # what is hidden may be more
            sentences.append(gettext("Most among those shown: %(names)s (%(number)s).") % told)
        else:
            sentences.append(gettext("Most: %(names)s (%(number)s).") % told)
    elif not chart.hidden and not chart.lacking:
        sentences.append(gettext("All are zero."))
    if chart.hidden == len(chart.bars):
        sentences.append(gettext("All numbers are hidden."))
    elif chart.hidden:
        sentences.append(
            ngettext(
                "%(hidden)d of %(all)d numbers is hidden.", "%(hidden)d of %(all)d numbers are hidden.", chart.hidden
            )
            % {"hidden": chart.hidden, "all": len(chart.bars)}
        )
    if chart.lacking:
        sentences.append(gettext("“–” means that the base is hidden or below 30."))
    return " ".join(sentences)
