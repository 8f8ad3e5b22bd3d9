"""A QR code as one SVG path: drawn on the server, without a style attribute or an address of its own."""

from dataclasses import dataclass

from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """``size`` modules on each side, a quiet zone of four included; ``path``: the dark ones."""

    size: int
    path: str


def drawing_of(text: str) -> Drawing:
    """The QR code of a text (ISO/IEC 18004), error correction M."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=4)
    code.add_data(text)
    matrix = code.get_matrix()
    dark = [(x, y) for y, row in enumerate(matrix) for x, module in enumerate(row) if module]
    return Drawing(size=len(matrix), path="".join(f"M{x} {y}h1v1h-1z" for x, y in dark))
