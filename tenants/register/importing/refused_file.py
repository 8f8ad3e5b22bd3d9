"""Refused rows as a file that can be mended in a spreadsheet and sent again.

Written by hand: each cell is typed as text, so no program calculates one that begins like a formula, and nothing
touches the disk (libraries for workbooks write sheets to temporary files first).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

from tenants.register.importing.result import RefusedRow, Remark

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="{_OFFICE}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="Register" sheetId="1" r:id="r1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="{_OFFICE}/worksheet"'
        ' Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}


def refused_file(
    columns: Sequence[str], rows: Sequence[RefusedRow], issues: Sequence[Remark], *, why: str = "Kvifor"
) -> bytes:
    """An XLSX workbook: the file's own columns by canonical name, and in a last column why the row was refused.

    That column has no name that an import knows, so it is passed over when the file is sent again.
    """
    lines = [[*columns, why]]
    for row in rows:
        reasons = [f"{issue.column}: {issue.message}" for issue in issues if issue.row == row.row]
        lines.append([*(row.cells.get(name, "") for name in columns), " ".join(reasons)])
    sheet = "".join(f"<row>{''.join(map(_cell, line))}</row>" for line in lines)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _PARTS.items():
            archive.writestr(name, _HEAD + text)
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{sheet}</sheetData></worksheet>',
        )
    return content.getvalue()


def _cell(text: str) -> str:
    # XML has no way to write most control characters and the last two of a plane, and no spreadsheet shows them.
    shown = "".join(sign for sign in text if (sign >= " " or sign in "\t\n") and sign not in "\ufffe\uffff")
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(shown)}</t></is></c>'
