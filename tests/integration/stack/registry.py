"""An image registry on a loopback port that serves what `docker save` wrote, so that a download needs no network.

It speaks the reading requests of the OCI distribution specification: the version, a manifest, a blob. All of them are
files in a folder: `v2/NAME/manifests/TAG`, `v2/NAME/blobs/DIGEST`.
"""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG = "application/vnd.docker.container.image.v1+json"
_LAYER = "application/vnd.docker.image.rootfs.diff.tar"


def lay_out(archive: Path, folder: Path) -> None:
    """Unpack an archive of `docker save`; every image is available under each of its names and tags."""
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    (folder / "v2").mkdir()
    (folder / "v2" / "index.html").write_text("{}", encoding="utf-8")
    for image in json.loads((folder / "manifest.json").read_text(encoding="utf-8")):
        for named in image["RepoTags"]:
            name, _, tag = named.partition("/")[2].partition(":")
            _lay_out_image(folder, folder / "v2" / name, tag, image)


def _lay_out_image(folder: Path, place: Path, tag: str, image: dict[str, str]) -> None:
    (place / "blobs").mkdir(parents=True)
    (place / "manifests").mkdir()
    manifest = {
        "schemaVersion": 2,
        "mediaType": _MANIFEST,
        "config": _blob(folder / image["Config"], place, _CONFIG),
        "layers": [_blob(folder / layer, place, _LAYER) for layer in image["Layers"]],
    }
    text = json.dumps(manifest).encode()
    for reference in (tag, "sha256:" + hashlib.sha256(text).hexdigest()):
        (place / "manifests" / reference).write_bytes(text)


def _blob(path: Path, place: Path, media_type: str) -> dict[str, object]:
    with path.open("rb") as file:
        digest = "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
    os.link(path, place / "blobs" / digest)
    return {"mediaType": media_type, "size": path.stat().st_size, "digest": digest}


class Registry(ThreadingHTTPServer):
    """Serves requests from its creation until `stop`."""

    def __init__(self, port: int, folder: Path) -> None:
        super().__init__(("127.0.0.1", port), partial(_Handler, directory=str(folder)))
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


class _Handler(SimpleHTTPRequestHandler):
    def guess_type(self, path: str | os.PathLike[str]) -> str:
        return _MANIFEST if "manifests" in Path(path).parts else "application/octet-stream"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class names it
        """Discard the log."""
