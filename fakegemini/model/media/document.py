"""Make a document: the prompt as a PDF."""

from __future__ import annotations

from ...wire.http import Json
from ..task import Task
from .codecs.pdf import encode_pdf
from .output_part import OutputPart, inline_part


def make_document(task: Task, _: Json) -> OutputPart:
    """Return a PDF of the prompt's text.

    No model is known to make documents; the API declares the modality (X).
    """
    return inline_part("document", "application/pdf", encode_pdf(task.situation.question))
