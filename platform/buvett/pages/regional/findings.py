"""A chart's finding as one or two sentences, for those who do not see it and those in a hurry."""

from django.utils.translation import gettext, ngettext

from buvett.pages.regional.charts import Chart


def finding(chart: Chart) -> str:
    """What a chart shows: where most are, and how many numbers are hidden."""
    sentences = []
    largest = chart.largest
    if largest:
        names = gettext(" and ").join(bar.label for bar in largest)
        told = {"names": names, "number": largest[0].cell.value}
        if chart.hidden:  # what is hidden may be more
            sentences.append(gettext("Most among those shown: %(names)s (%(number)d).") % told)
        else:
            sentences.append(gettext("Most: %(names)s (%(number)d).") % told)
    elif not chart.hidden:
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
    return " ".join(sentences)
