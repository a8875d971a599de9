"""Feeds of any size: recorded records repeated under new ids, as files at the paths of the services.

A file server replaces all services. Its own speed is not measured.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import threading
import time
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, AnyStr
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from _typeshed import SupportsRead, SupportsWrite

NVD_ID = re.compile(rb'"id":"(CVE-\d{4}-\d+)"')
MITRE_ID = re.compile(rb'"cveId":"(CVE-\d{4}-\d+)"')
NVD_API = "/rest/json/cves/2.0"
CHANGED = "changed.jsonl"
CHANGED_SHARE = 50  # every 50th record: 2 %
CHUNK = 2**16  # bytes


class Edition(Enum):
    """Differences from the initial feeds."""

    FIRST = "nothing"
    FEW_CHANGED = "2 % of the NVD and MITRE records carry another text"
    ALL_TOUCHED = "every NVD record another date, every EPSS row another score: a bad night"


Recorded = tuple[str, bytes]  # id, record


def recorded(feeds: Path) -> tuple[list[Recorded], list[Recorded]]:
    """Return the NVD and MITRE records of the ids that both have (in reality nearly all), in the same order."""
    nvd, mitre = _by_id(feeds / "nvd/base", NVD_ID), _by_id(feeds / "mitre/base", MITRE_ID)
    both = sorted(nvd.keys() & mitre.keys())
    return [(name, nvd[name]) for name in both], [(name, mitre[name]) for name in both]


def _by_id(folder: Path, pattern: re.Pattern[bytes]) -> dict[str, bytes]:
    found = {}
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rb") as lines:
            for line in lines:
                if name := pattern.search(line):
                    found[name.group(1).decode()] = line.strip()
    return found


def repeated(records: list[Recorded], wanted: int) -> Iterator[Recorded]:
    """Yield the records, then repeat them under ids increased by a million each time, until there are enough."""

    def all_rounds() -> Iterator[Recorded]:
        for turn in count():
            for name, record in records:
                year, number = name.split("-")[1:]
                new = f"CVE-{year}-{int(number) + turn * 1_000_000}" if turn else name
                yield new, record.replace(name.encode(), new.encode()) if turn else record

    return islice(all_rounds(), wanted)


class FileWorld:
    """Writes one state of the feeds below `folder`."""

    def __init__(self, folder: Path, feeds: Path, records: int, at: datetime, edition: Edition) -> None:
        self._folder, self._feeds, self._records, self._at, self._edition = folder, feeds, records, at, edition
        self._nvd, self._mitre = recorded(feeds)
        self._write_nvd()
        self._write_mitre()
        self._write_others()

    def _put(self, path: str, body: bytes) -> None:
        target = self._folder / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)

    def _corrected(self, number: int, record: bytes, modified: bytes) -> bytes:
        if self._edition is not Edition.FEW_CHANGED or number % CHANGED_SHARE:
            return record
        return self._dated(record.replace(b'"value":"', b'"value":"Corrected: ', 1), modified)

    def _dated(self, record: bytes, modified: bytes) -> bytes:
        stamp = self._at.strftime("%Y-%m-%dT%H:%M:%S.000").encode()
        return re.sub(b'"' + modified + b'":"[^"]+"', b'"' + modified + b'":"' + stamp + b'"', record, count=1)

    def _write_nvd(self) -> None:
        years: defaultdict[str, list[bytes]] = defaultdict(list)
        recent: list[bytes] = []
        for number, (name, record) in enumerate(repeated(self._nvd, self._records)):
            body = self._corrected(number, record, b"lastModified")
            if body is not record:
                recent.append(body)
            elif self._edition is Edition.ALL_TOUCHED:
                body = self._dated(record, b"lastModified")
            years[max(name.split("-")[1], "2002")].append(body)
        for year in range(2002, self._at.year + 1):
            self._write_feed(str(year), years.get(str(year), []))
        self._put(CHANGED, b"\n".join([self._at.strftime("%Y-%m-%dT%H:%M:%S.000").encode(), *recent]))
        self._write_feed("modified", recent or years["2024"][:10])
        self._write_feed("recent", recent or years["2024"][:10])

    def _write_feed(self, name: str, records: list[bytes]) -> None:
        stamp = self._at.strftime("%Y-%m-%dT%H:%M:%S.000")
        head = {"resultsPerPage": len(records), "startIndex": 0, "totalResults": len(records), "format": "NVD_CVE"}
        head |= {"version": "2.0", "timestamp": stamp}
        body = json.dumps(head)[:-1].encode() + b',"vulnerabilities":[' + b",\n".join(records) + b"]}"
        packed = gzip.compress(body, 1, mtime=0)
        digest = hashlib.sha256(body).hexdigest().upper()
        sizes = f"size:{len(body)}\r\nzipSize:{len(packed)}\r\ngzSize:{len(packed)}\r\n"
        meta = f"lastModifiedDate:{stamp[:19]}-00:00\r\n{sizes}sha256:{digest}\r\n"
        self._put(f"feeds/json/cve/2.0/nvdcve-2.0-{name}.json.gz", packed)
        self._put(f"feeds/json/cve/2.0/nvdcve-2.0-{name}.meta", meta.encode())

    def _write_mitre(self) -> None:
        inner = io.BytesIO()
        newest = ""
        with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for number, (name, record) in enumerate(repeated(self._mitre, self._records)):
                year, digits = name.split("-")[1:]
                archive.writestr(
                    f"cves/{year}/{digits[:-3]}xxx/{name}.json", self._corrected(number, record, b"dateUpdated")
                )
                newest = name
        outer = io.BytesIO()
        with zipfile.ZipFile(outer, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr("cves.zip", inner.getvalue())
        day = self._at.strftime("%Y-%m-%d")
        tag = f"cve_{day}_{self._at:%H}00Z"
        address = f"https://github.com/CVEProject/cvelistV5/releases/download/{tag}"
        asset = f"{day}_all_CVEs_at_midnight.zip.zip"
        release = {"tag_name": tag, "published_at": self._at.strftime("%Y-%m-%dT%H:00:00Z")}
        release["assets"] = [{"name": asset, "browser_download_url": f"{address}/{asset}"}]  # type: ignore[assignment]
        self._put("repos/CVEProject/cvelistV5/releases/latest", json.dumps(release).encode())
        self._put(f"CVEProject/cvelistV5/releases/download/{tag}/{asset}", outer.getvalue())
        first = (self._at - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        entry = {"cveId": newest, "dateUpdated": "2020-01-01T00:00:00.000Z", "cveOrgLink": "", "githubLink": ""}
        log = [{"fetchTime": first, "numberOfChanges": 1, "new": [], "updated": [entry], "error": []}]
        self._put("CVEProject/cvelistV5/main/cves/deltaLog.json", json.dumps(log).encode())

    def _write_others(self) -> None:
        ids = [name for name, _ in repeated(self._nvd, self._records)]
        kev = gzip.decompress((self._feeds / "kev/known_exploited_vulnerabilities.json.gz").read_bytes())
        self._put("sites/default/files/feeds/known_exploited_vulnerabilities.json", kev)
        moved = 0.002 if self._edition is Edition.ALL_TOUCHED else 0.001
        scores = "".join(f"{name},{moved + number % 900 / 1000:.5f},0.50000\n" for number, name in enumerate(ids))
        header = f"#model_version:v2025.03.14,score_date:{self._at:%Y-%m-%dT%H:%M:%SZ}\ncve,epss,percentile\n"
        self._put("epss_scores-current.csv.gz", gzip.compress((header + scores).encode(), 1, mtime=0))
        mapping = "".join(f"EUVD-{name[4:]},{name}\n" for name in ids)
        self._put("api/dump/cve-euvd-mapping", f"euvd_id,cve_id\n{mapping}".encode())
        entries = [{"cveId": ids[0], "euvdId": None, "dateAdded": "2024-01-01", "sources": ["eukev_kev"]}]
        self._put("api/kev/dump", json.dumps(entries).encode())
        items = gzip.decompress((self._feeds / "euvd/search_items.jsonl.gz").read_bytes()).splitlines()
        body = b'{"items":[' + b",".join(items[:50]) + b'],"total":50}'
        self._put("api/search", body)
        self._put("api/lastvulnerabilities", b"[" + b",".join(items[:8]) + b"]")


class _Services(SimpleHTTPRequestHandler):
    """Serves files at the paths of the services; NVD's API pages through the changed records."""

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path != NVD_API:
            return super().do_GET()
        query = parse_qs(address.query)
        start, size = int(query["startIndex"][0]), int(query["resultsPerPage"][0])
        now, *lines = (Path(self.directory) / CHANGED).read_bytes().splitlines()
        page = lines[start : start + size]
        head = f'{{"resultsPerPage":{len(page)},"startIndex":{start},"totalResults":{len(lines)},"format":"NVD_CVE",'
        head += f'"version":"2.0","timestamp":"{now.decode()}",'
        body = head.encode() + b'"vulnerabilities":[' + b",".join(page) + b"]}"
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None

    def copyfile(self, source: SupportsRead[AnyStr], outputfile: SupportsWrite[AnyStr]) -> None:
        assert isinstance(self.server, FileServer)
        while chunk := source.read(CHUNK):
            self.server.line.take(len(chunk))
            outputfile.write(chunk)

    def log_message(self, *args: object) -> None:
        """Log nothing: a benchmark prints only its own lines."""


class Line:
    """The line that all downloads share. mbit: its speed in Mbit/s; None: without limit. carried: bytes so far."""

    def __init__(self, mbit: float | None) -> None:
        self._rate = mbit * 1e6 / 8 if mbit else None
        self._lock, self._free_at = threading.Lock(), 0.0
        self.carried = 0

    def take(self, size: int) -> None:
        """Wait until the line has carried so many bytes more."""
        with self._lock:
            self.carried += size
            if self._rate is None:
                return
            self._free_at = max(self._free_at, time.monotonic()) + size / self._rate
            pause = self._free_at - time.monotonic()
        time.sleep(max(0.0, pause))


class FileServer(ThreadingHTTPServer):
    """Serves one folder on a free loopback port until `close`. mbit: as for `Line`."""

    daemon_threads = True

    def __init__(self, folder: Path, mbit: float | None = None) -> None:
        self.line = Line(mbit)
        super().__init__(("127.0.0.1", 0), partial(_Services, directory=str(folder)))
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def environment(self) -> dict[str, str]:
        base = f"http://127.0.0.1:{self.server_port}"
        names = ("CISA", "NVD", "NVD_FEEDS", "EUVD", "MITRE", "EPSS")
        return {f"OPENTHREAT_{name}_URL": base for name in names} | {
            "OPENTHREAT_NVD_DELAY": "0",
            "OPENTHREAT_EUVD_DELAY": "0",
        }

    def close(self) -> None:
        self.shutdown()
        self.server_close()
