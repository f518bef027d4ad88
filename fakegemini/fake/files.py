"""Serve the files that turns leave behind: what one is, and its bytes. Uploads are not emulated."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from ..protocol.refusals import lookups as refusals
from ..protocol.turn import File
from ..wire.http import Json, Reply, Request
from ..wire.replies import json_reply
from .routes import AnswerPlan, Route
from .settings import Settings
from .state.state import State

_DOWNLOAD = ":download"


@dataclass(frozen=True, slots=True)
class Files:
    """The family's endpoints around the files that the state has."""

    settings: Settings
    state: State

    def routes(self) -> tuple[Route, ...]:
        """List the routes of the family."""
        return (Route("GET", "files/{*}", self.get),)

    def get(self, request: Request, name: str) -> Reply | AnswerPlan | None:
        """Answer `GET /files/{id}`, and `GET /files/{id}:download?alt=media` with the bytes.

        The download needs a key (measured: 403 without); `alt=media` may be left out. The name may
        be a whole address: so google-genai asks for one that does not begin with https. None for
        a file that no turn left behind, as for one that was uploaded to the live server.
        """
        name = name.rpartition("/")[2]
        file = self.state.files.get(name.removesuffix(_DOWNLOAD))
        if file is None:
            return None
        if not name.endswith(_DOWNLOAD):
            return json_reply(_file_resource(file, self.settings.origin_of(request)))
        if not _has_api_key(request):
            return AnswerPlan.of_refusal(refusals.no_key_for_download())
        return Reply(200, (("content-type", file.mime_type),), (file.data,))


def _has_api_key(request: Request) -> bool:
    headers = (request.header("x-goog-api-key"), request.header("authorization"))
    return any((*headers, request.param("key")))


def _file_resource(file: File, origin: str) -> Json:
    # The classic camelCase shape of this API, as far as a client looks before it downloads.
    digest = hashlib.sha256(file.data).hexdigest()
    address = f"{origin}/v1beta/files/{file.id}"
    return {
        "name": f"files/{file.id}",
        "mimeType": file.mime_type,
        "sizeBytes": str(len(file.data)),
        "sha256Hash": base64.b64encode(digest.encode()).decode(),
        "uri": address,
        "downloadUri": f"{address}{_DOWNLOAD}?alt=media",
        "state": "ACTIVE",
        "source": "GENERATED",
    }
