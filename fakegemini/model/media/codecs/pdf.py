"""Write a PDF of plain lines, without a library. Source: ISO 32000-1."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

_WIDTH = 80  # characters of a line
_LINES = 48  # lines of a page
_ESCAPES = str.maketrans({"\\": r"\\", "(": r"\(", ")": r"\)"})


def encode_pdf(text: str) -> bytes:
    """Return the text on A4 pages; a character that Western fonts lack becomes a question mark."""
    rows = [row for line in text.splitlines() for row in textwrap.wrap(line, _WIDTH) or [""]]
    pages = [rows[start : start + _LINES] for start in range(0, len(rows), _LINES)] or [[]]
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        font,
    ]
    for number, page in enumerate(pages):
        content = _page_content(page)
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]"
            b" /Resources << /Font << /F1 3 0 R >> >>"
            b" /Contents %d 0 R >>" % (5 + 2 * number),
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        ]
    return _join_objects(objects)


def _page_content(rows: Sequence[str]) -> bytes:
    """Return the commands that write the rows in 11 points from the top of a page."""
    lines = (row.translate(_ESCAPES).encode("cp1252", "replace") for row in rows)
    commands = b"".join(b"(%s) Tj T*\n" % line for line in lines)
    return b"BT /F1 11 Tf 16 TL 56 780 Td\n" + commands + b"ET"


def _join_objects(objects: Sequence[bytes]) -> bytes:
    """Return a file of these objects: numbered from 1, with the table of where each begins."""
    document, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(document))
        document += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    entries = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    count = len(objects) + 1
    xref_table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, entries)
    end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, len(document))
    return document + xref_table + end
