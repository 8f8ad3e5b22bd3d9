"""What each method and each coarser design would show and cost, before anyone publishes anything.

`compare` protects the same counts in many ways and holds each result against the truth. It publishes nothing, and what
it says depends on the truth: on real counts it is for the owner of the microdata only. Decide on a design with
synthetic or old counts, not by trying which release of the real ones looks best.
"""

from anonymisation.comparison.comparing import Comparison, Row, compare
from anonymisation.comparison.designs import Design, designs
from anonymisation.comparison.drawing import svg
from anonymisation.comparison.telling import NOTE, text

__all__ = ["NOTE", "Comparison", "Design", "Row", "compare", "designs", "svg", "text"]
