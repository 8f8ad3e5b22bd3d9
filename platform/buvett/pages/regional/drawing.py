"""A chart as SVG: specified with Altair, drawn by vl-convert on this machine, made fit for a page that allows no style.

vl-convert writes presentation attributes and no style. Afterwards the drawing loses its fixed size and what Vega says
to screen readers about its own parts, gets a name, the finding as its description, the hatching, and classes: on a
page they take Designsystemet's colours, in a PDF the attributes stand.
"""

import textwrap
import xml.etree.ElementTree as ET
from copy import deepcopy
from functools import cache, lru_cache
from typing import Any

import altair
import vl_convert

from buvett.pages.regional.charts import Bar, Chart

WIDTH = 320  # in the drawing's own units: it fits a phone without shrinking its letters
LINE = 40  # a label and, under it, its bar
LETTERS = 44  # of a label on one line; a longer one takes two or three, and so has every bar of the drawing
LETTER_LINE = 15
BAR = 16
ROOM = 256  # the longest bar; right of it stands its number
INK, SOFT, FILL, HATCH, PAPER = "#24272b", "#5b5d60", "#0062ba", "url(#hatch)", "#ffffff"
CLASSES = {INK: "chart-ink", FILL: "chart-bar", HATCH: "chart-hidden"}
Line = tuple[tuple[str, ...], str, float, bool]  # the label's lines, the number or word, the length, hidden or not
SVG = "http://www.w3.org/2000/svg"
ET.register_namespace("", SVG)


def svg_of(chart: Chart, *, finding: str) -> str:
    """The drawing of a chart, to stand in a page: named by its title, described by the finding."""
    rows = tuple(
        (tuple(textwrap.wrap(_label(bar), LETTERS)), bar.shown.text, bar.length, bar.shown.hidden) for bar in chart.bars
    )
    return _named(_drawn(rows), key=chart.id, title=chart.title, finding=finding)


def _label(bar: Bar) -> str:
    return f"{bar.label} ◄" if bar.marked else bar.label


def warm() -> None:
    """Draw something: the first drawing of a process takes a second, the others some hundredths."""
    _drawn((((), "", 1.0, False),))


@lru_cache(maxsize=2048)
def _drawn(rows: tuple[Line, ...]) -> str:
    """Depends on what is released and nothing else: kept for as long as the process lives."""
    lines = max((len(label) for label, _, _, _ in rows), default=1) or 1
    specification = deepcopy(_specification(len(rows), lines))
    specification["data"] = {
        "values": [
            {
                "row": row,
                "text": text,
                "length": length,
                "hidden": hidden,
                **{f"line{line}": label[-1 - line] if line < len(label) else "" for line in range(lines)},
            }
            for row, (label, text, length, hidden) in enumerate(rows)
        ]
    }
    return str(vl_convert.vegalite_to_svg(specification, allowed_base_urls=[]))


@cache
def _specification(rows: int, lines: int) -> dict[str, Any]:
    """The Vega-Lite specification of that many bars with labels of so many lines, without its data.

    Altair checks it, once for each shape.
    """
    height = LINE + (lines - 1) * LETTER_LINE
    under = height / 2 - BAR / 2 - 3  # the bar's middle, from the middle of its row
    order = altair.Y("row:O", axis=None, scale=altair.Scale(domain=list(range(rows)), padding=0))
    long = altair.X("length:Q", axis=None, scale=altair.Scale(domain=[0, 1], range=[0, ROOM]))
    base = altair.Chart(altair.Data(values=[])).encode(y=order)
    bars = base.encode(x=long)
    words = {"align": "left", "fontSize": 12.5, "fill": INK}
    labels = [  # the last line stands on the bar, the others on it
        base.transform_filter(f"datum.line{line} !== ''")
        .mark_text(x=0, yOffset=under - BAR / 2 - 9.5 - line * LETTER_LINE, **words)
        .encode(text=f"line{line}:N")
        for line in range(lines)
    ]
    layers = altair.layer(
        bars.transform_filter("!datum.hidden").mark_bar(height=BAR, yOffset=under, fill=FILL),
        bars.transform_filter("datum.hidden").mark_bar(
            height=BAR, yOffset=under, fill=HATCH, stroke=SOFT, strokeDash=[3, 2]
        ),
        *labels,
        bars.transform_filter("!datum.hidden")
        .mark_text(dx=6, yOffset=under, fontWeight="bold", **words)
        .encode(text="text:N"),
        bars.transform_filter("datum.hidden")
        .mark_text(dx=6, yOffset=under, fontStyle="italic", **words)
        .encode(text="text:N"),
    )
    return (
        layers.properties(width=WIDTH, height=altair.Step(height), padding=0, background="transparent")
        .configure(font="sans-serif")
        .configure_view(stroke=None)
        .to_dict()
    )


def _named(drawing: str, *, key: str, title: str, finding: str) -> str:
    root = ET.fromstring(drawing)  # noqa: S314 - drawn here a moment ago; XML's own five entities only
    hatch = f"{key}-hatch"
    for element in root.iter():
        for name in [name for name in element.attrib if name == "role" or name.startswith("aria-")]:
            del element.attrib[name]
        fill = element.get("fill", "")
        if fill in CLASSES:
            element.set("class", CLASSES[fill])
        elif "class" in element.attrib:
            del element.attrib["class"]
        if fill == HATCH:
            element.set("fill", f"url(#{hatch})")
    box = root.attrib["viewBox"]
    root.attrib.clear()
    root.attrib.update(
        {"viewBox": box, "role": "img", "aria-labelledby": f"{key}-t {key}-d", "focusable": "false", "class": "drawing"}
    )
    name, description = ET.Element(f"{{{SVG}}}title", id=f"{key}-t"), ET.Element(f"{{{SVG}}}desc", id=f"{key}-d")
    name.text, description.text = title, finding
    for position, element in enumerate((name, description, _hatching(hatch))):
        root.insert(position, element)
    return ET.tostring(root, encoding="unicode")


def _hatching(key: str) -> ET.Element:
    definitions = ET.Element(f"{{{SVG}}}defs")
    pattern = ET.SubElement(
        definitions,
        f"{{{SVG}}}pattern",
        {"id": key, "width": "6", "height": "6", "patternUnits": "userSpaceOnUse", "patternTransform": "rotate(45)"},
    )
    ET.SubElement(pattern, f"{{{SVG}}}rect", {"width": "6", "height": "6", "fill": PAPER, "class": "chart-paper"})
    ET.SubElement(
        pattern,
        f"{{{SVG}}}path",
        {"d": "M0,0v6", "stroke": SOFT, "stroke-width": "1.5", "class": "chart-line"},
    )
    return definitions
