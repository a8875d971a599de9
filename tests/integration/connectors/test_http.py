"""Http against a local server with all kinds of faults."""

from __future__ import annotations

import errno
import gzip
from pathlib import Path
from typing import BinaryIO

import msgspec
import pytest
import requests

from backend.config import Settings
from backend.connectors import files
from backend.connectors.addresses import base_address
from backend.connectors.http import Http, SourceTooLarge
from backend.connectors.retry import RateLimit
from backend.contract.errors import RunInterrupted, SourceError, SourceRefused, SourceUnusable
from backend.contract.tasks import ProgressUnit, RunPhase
from backend.network.access import NetworkAccess
from tests.fakes import feed_epss
from tests.fakes.feed_model import FeedRequest, Reply, Route, World
from tests.fakes.feed_server import FeedServer
from tests.fakes.watch import CountingWatch
from tests.fakes.web import RawServer, answers
from tests.integration.connectors.conftest import impatient

CATALOGUE = "/sites/default/files/feeds/known_exploited_vulnerabilities.json"
TABLE = "/epss_scores-current.csv.gz"


@pytest.fixture
def http(watch: CountingWatch, settings: Settings) -> Http:
    return impatient(watch, settings, "The service")


class TestGet:
    def test_gives_status_headers_and_the_decompressed_body(self, http: Http, feeds: FeedServer) -> None:
        answer = http.get(feeds.url + CATALOGUE)
        assert answer.status == 200
        assert answer.headers["etag"] == answer.headers["ETag"]
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.body.startswith(b"{")

    def test_says_who_is_asking(self, http: Http, feeds: FeedServer) -> None:
        http.get(feeds.url + CATALOGUE)
        assert feeds.requests[0].headers["User-Agent"].startswith("OpenThreat-Desktop/")

    def test_what_has_not_changed_is_an_answer_where_it_is_expected(self, http: Http, feeds: FeedServer) -> None:
        etag = http.get(feeds.url + CATALOGUE).headers["ETag"]
        answer = http.get(feeds.url + CATALOGUE, headers={"If-None-Match": etag}, allow={304})
        assert (answer.status, answer.body) == (304, b"")

    @pytest.mark.parametrize("fault", ["500*2", "502*4", "503*1", "504*3", "429*2", "down*4", "truncate*4", "hang*1"])
    def test_a_fault_that_passes_is_waited_out(self, http: Http, feeds: FeedServer, fault: str) -> None:
        feeds.faults["cisa"] = fault
        assert http.get(feeds.url + CATALOGUE).status == 200
        assert feeds.count("cisa") == int(fault[-1]) + 1

    @pytest.mark.parametrize(
        ("fault", "attempts", "message"),
        [
            ("503", 5, "503 Service Unavailable"),
            ("down", 5, "broke"),
            ("truncate", 5, "broke off in the middle"),
            ("hang", 3, "did not answer in time"),
        ],
    )
    def test_a_fault_that_stays_is_told_in_a_sentence(
        self, http: Http, feeds: FeedServer, watch: CountingWatch, fault: str, attempts: int, message: str
    ) -> None:
        feeds.faults["cisa"] = fault
        with pytest.raises(SourceError) as caught:
            http.get(feeds.url + CATALOGUE)
        assert caught.value.title == "The service cannot be reached"
        assert message in caught.value.message
        assert "next update" in caught.value.hint
        assert feeds.count("cisa") == attempts
        assert len(watch.slept) == attempts - 1, "it does not wait when there is nothing to wait for"

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
    def test_a_refusal_is_believed_at_once(self, http: Http, feeds: FeedServer, status: int) -> None:
        feeds.faults["cisa"], feeds.fault_headers = str(status), {"message": "Invalid apiKey."}
        with pytest.raises(SourceRefused, match="Invalid apiKey"):
            http.get(feeds.url + CATALOGUE)
        assert feeds.count("cisa") == 1

    def test_a_service_may_use_other_statuses_for_not_now(
        self, watch: CountingWatch, feeds: FeedServer, tmp_path: Path
    ) -> None:
        feeds.faults["cisa"] = "403*2"
        assert (
            Http(watch, tmp_path, source="NVD", network=NetworkAccess(), also_retried={403})
            .get(feeds.url + CATALOGUE)
            .status
            == 200
        )

    def test_retry_after_is_obeyed_up_to_two_minutes(self, http: Http, feeds: FeedServer, watch: CountingWatch) -> None:
        feeds.faults["cisa"], feeds.fault_headers = "429*1", {"Retry-After": "3600"}
        http.get(feeds.url + CATALOGUE)
        assert watch.slept == [120]

    def test_nobody_listening_and_no_such_name(self, http: Http) -> None:
        with pytest.raises(SourceError, match="refused the connection"):
            http.get("http://127.0.0.1:9/x")
        with pytest.raises(SourceError, match=r"no-such-host\.invalid could not be looked up"):
            http.get("http://no-such-host.invalid/x")

    def test_an_address_of_no_use_is_not_tried_again(self, http: Http, watch: CountingWatch) -> None:
        with pytest.raises(SourceError, match="address is invalid"):
            http.get("http://[/x")
        assert watch.slept == []

    def test_an_answer_longer_than_agreed_is_not_read(self, http: Http, feeds: FeedServer) -> None:
        with pytest.raises(SourceTooLarge, match="sent too much"):
            http.get(feeds.url + CATALOGUE, max_bytes=100)

    def test_a_small_answer_that_unpacks_beyond_measure_is_not_read(self, watch: CountingWatch, tmp_path: Path) -> None:
        def bomb(world: World, request: FeedRequest) -> Reply:
            return Reply(gzip.compress(bytes(30 * 2**20)), headers={"Content-Encoding": "gzip"}, ranges=True)

        with FeedServer(routes=[Route("bomb", "/bomb", bomb)]) as server, pytest.raises(SourceTooLarge):
            Http(watch, tmp_path, source="X", network=NetworkAccess()).get(server.url + "/bomb", max_bytes=2**20)

    def test_damaged_compression_is_a_fault(self, watch: CountingWatch, tmp_path: Path) -> None:
        def damaged(world: World, request: FeedRequest) -> Reply:
            return Reply(b"no gzip at all", headers={"Content-Encoding": "gzip"}, ranges=True)

        with (
            FeedServer(routes=[Route("x", "/x", damaged)]) as server,
            pytest.raises(SourceError, match=r"compressed answer .* damaged"),
        ):
            Http(watch, tmp_path, source="X", network=NetworkAccess()).get(server.url + "/x")

    def test_a_run_that_is_to_end_does_not_wait_any_longer(self, settings: Settings, feeds: FeedServer) -> None:
        feeds.faults["cisa"] = "503"
        with pytest.raises(RunInterrupted):
            impatient(CountingWatch(stop_after=1), settings, "X").get(feeds.url + CATALOGUE)
        assert feeds.count("cisa") == 1

    def test_every_try_counts_against_the_limit(self, watch: CountingWatch, feeds: FeedServer, tmp_path: Path) -> None:
        moments = iter(range(100))
        limit = RateLimit(1, window=0.5, clock=lambda: float(next(moments)))
        feeds.faults["cisa"] = "503*2"
        Http(watch, tmp_path, source="X", network=NetworkAccess(), limiter=limit).get(feeds.url + CATALOGUE)
        assert next(moments) >= 3


class TestDownload:
    def test_brings_the_file_as_it_is(self, http: Http, feeds: FeedServer, settings: Settings) -> None:
        file = http.download(feeds.url + TABLE, "table.csv.gz", max_bytes=10**6)
        assert file.fetched
        assert file.etag
        assert file.path == settings.cache_folder / "table.csv.gz"
        assert gzip.decompress(file.path.read_bytes()).startswith(b"#model_version")
        assert [path.name for path in settings.cache_folder.iterdir()] == ["table.csv.gz"]

    def test_does_not_bring_it_again_while_it_is_the_same(self, http: Http, feeds: FeedServer) -> None:
        first = http.download(feeds.url + TABLE, "table.csv.gz", max_bytes=10**6)
        second = http.download(feeds.url + TABLE, "table.csv.gz", max_bytes=10**6, etag=first.etag)
        assert (second.fetched, second.etag, second.path) == (False, first.etag, first.path)

    def test_a_broken_download_goes_on_where_it_broke(self, http: Http, feeds: FeedServer) -> None:
        feeds.faults["epss"] = "truncate*2"
        file = http.download(feeds.url + TABLE, "table.csv.gz", max_bytes=10**6)
        ranges = [request.headers.get("Range") for request in feeds.requests]
        size = file.path.stat().st_size
        assert ranges[0] is None
        assert ranges[1:] == [f"bytes={size // 2}-", f"bytes={size // 2 + (size - size // 2) // 2}-"]
        assert file.path.read_bytes() == feed_epss.table(feeds.world, FeedRequest(TABLE, {}, {})).body

    def test_a_later_run_goes_on_too(self, http: Http, feeds: FeedServer, settings: Settings) -> None:
        feeds.faults["epss"] = "truncate"
        with pytest.raises(SourceError, match="broke off"):
            http.download(feeds.url + TABLE, "table.csv.gz", max_bytes=10**6)
        feeds.faults.clear()
        before = len(feeds.requests)
        file = impatient(CountingWatch(), settings, "X").download(feeds.url + TABLE, "table.csv.gz", max_bytes=10**6)
        assert "Range" in feeds.requests[before].headers
        assert file.path.read_bytes() == feed_epss.table(feeds.world, FeedRequest(TABLE, {}, {})).body

    def test_what_changed_meanwhile_is_brought_anew(self, http: Http, feeds: FeedServer) -> None:
        feeds.faults["epss"] = "truncate"
        with pytest.raises(SourceError):
            http.download(feeds.url + TABLE, "table.csv.gz", max_bytes=10**6)
        feeds.faults.clear()
        feeds.world.epss["CVE-2024-99999"] = (0.5, 0.5)
        file = http.download(feeds.url + TABLE, "table.csv.gz", max_bytes=10**6)
        assert file.path.read_bytes() == feed_epss.table(feeds.world, FeedRequest(TABLE, {}, {})).body

    def test_a_part_without_a_validator_is_not_trusted(self, http: Http, feeds: FeedServer, settings: Settings) -> None:
        settings.cache_folder.mkdir()
        (settings.cache_folder / "table.csv.gz.part").write_bytes(b"something")
        file = http.download(feeds.url + TABLE, "table.csv.gz", max_bytes=10**6)
        assert "Range" not in feeds.requests[0].headers
        assert gzip.decompress(file.path.read_bytes())

    def test_a_part_that_is_longer_than_the_file_starts_again(
        self, http: Http, feeds: FeedServer, settings: Settings
    ) -> None:
        etag = http.download(feeds.url + TABLE, "table.csv.gz", max_bytes=10**6).etag
        (settings.cache_folder / "table.csv.gz.part").write_bytes(bytes(10**5))
        (settings.cache_folder / "table.csv.gz.part.of").write_text(etag, encoding="utf-8")
        file = http.download(feeds.url + TABLE, "table.csv.gz", max_bytes=10**6)
        assert gzip.decompress(file.path.read_bytes()).startswith(b"#model_version")

    def test_the_old_file_stays_whole_until_the_new_one_is(self, http: Http, feeds: FeedServer) -> None:
        path = http.download(feeds.url + TABLE, "table.csv.gz", max_bytes=10**6).path
        before = path.read_bytes()
        feeds.world.epss["CVE-2024-99999"] = (0.5, 0.5)
        feeds.faults["epss"] = "truncate"
        with pytest.raises(SourceError):
            http.download(feeds.url + TABLE, "table.csv.gz", max_bytes=10**6)
        assert path.read_bytes() == before

    def test_tells_how_many_bytes_have_come_and_never_that_all_is_done(
        self, http: Http, feeds: FeedServer, watch: CountingWatch
    ) -> None:
        size = http.download(feeds.url + TABLE, "table.csv.gz", max_bytes=10**6).path.stat().st_size
        assert watch.reported[-1] == (RunPhase.DOWNLOADING, ProgressUnit.BYTES, size, None)

    def test_a_file_larger_than_agreed_is_not_brought(self, http: Http, feeds: FeedServer) -> None:
        with pytest.raises(SourceTooLarge):
            http.download(feeds.url + TABLE, "table.csv.gz", max_bytes=100)

    def test_a_full_disk_is_told_and_the_part_is_given_up(
        self, http: Http, feeds: FeedServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class FullDisk:
            def __init__(self, file: BinaryIO) -> None:
                self._file = file

            def write(self, chunk: bytes) -> int:
                self._file.write(chunk[:10])
                raise OSError(errno.ENOSPC, "No space left on device")

            def close(self) -> None:
                self._file.close()

        real = files.PartialFile.open

        def full(self: files.PartialFile, start: int, validator: str) -> files.PartialFile:
            opened = real(self, start, validator)
            opened._file = FullDisk(opened._file)  # type: ignore[assignment]
            return opened

        monkeypatch.setattr(files.PartialFile, "open", full)
        with pytest.raises(SourceError, match="disk is full") as caught:
            http.download(feeds.url + TABLE, "table.csv.gz", max_bytes=10**6)
        assert "Free some space" in caught.value.hint
        assert list(settings.cache_folder.iterdir()) == []

    def test_a_folder_that_cannot_be_written_to_is_told(
        self, watch: CountingWatch, feeds: FeedServer, tmp_path: Path
    ) -> None:
        (tmp_path / "cache").write_text("a file in the folder's place", encoding="utf-8")
        with pytest.raises(SourceError, match="cannot be written") as caught:
            Http(watch, tmp_path / "cache", source="X", network=NetworkAccess()).download(
                feeds.url + TABLE, "table.csv.gz", max_bytes=10**6
            )
        assert "folder" in caught.value.hint


class TestDecoded:
    class Anything(msgspec.Struct):
        count: int

    def test_a_web_page_is_told_as_one(self, http: Http, feeds: FeedServer) -> None:
        feeds.faults["cisa"] = "garbage"
        with pytest.raises(SourceError, match=r"web page instead of data: .*“Service notice”"):
            http.decoded(http.get(feeds.url + CATALOGUE).body, self.Anything)

    @pytest.mark.parametrize(
        "page",
        [
            b"<!DOCTYPE html><html><head><title>Sign in to Hotel Wi-Fi</title>",
            b"\xef\xbb\xbf\r\n<html><TITLE lang=en>Sign in to Hotel Wi-Fi</TITLE>",
            "<html><title>Sign in to Hotel Wi-Fi</title>".encode("utf-16"),
            b"<?xml version='1.0'?><Error><title>Sign in to Hotel Wi-Fi</title>",
            b"<html><title>\nSign in to Hotel Wi-Fi \n</title>" + b"x" * 100_000,
        ],
    )
    @pytest.mark.parametrize("download", [True, False])
    def test_every_page_is_told_with_its_title(
        self, watch: CountingWatch, settings: Settings, page: bytes, *, download: bool
    ) -> None:
        with RawServer(answers(page, kind="application/gzip")) as server:
            http = Http(watch, settings.cache_folder, source="X", network=NetworkAccess())
            with pytest.raises(
                SourceUnusable, match=r"127\.0\.0\.1:\d+ answered with the page “Sign in to Hotel Wi-Fi”"
            ) as it:
                http.download(server.base, "x.gz", max_bytes=10**6) if download else http.get(server.base)
        assert server.base in it.value.message
        assert not (settings.cache_folder / "x.gz").exists()

    def test_a_refusal_with_a_page_names_the_firewall(self, watch: CountingWatch, settings: Settings) -> None:
        page = b"<html><title>Attention Required! | Firewall</title>"
        with RawServer(answers(page, status="403 Forbidden", kind="text/html; charset=utf-8")) as server:
            http = Http(watch, settings.cache_folder, source="X", network=NetworkAccess())
            with pytest.raises(SourceError, match=r"403 Forbidden \(“Attention Required! \| Firewall”\)"):
                http.get(server.base)

    @pytest.mark.parametrize("body", [b"", b" \r\n"])
    def test_an_empty_answer_is_told_as_one(self, watch: CountingWatch, settings: Settings, body: bytes) -> None:
        with RawServer(answers(body)) as server:
            http = Http(watch, settings.cache_folder, source="X", network=NetworkAccess())
            with pytest.raises(SourceUnusable, match="The answer is empty"):
                http.decoded(http.get(server.base).body, self.Anything)

    def test_an_empty_file_is_told_as_one(self, watch: CountingWatch, settings: Settings) -> None:
        with RawServer(answers(b"")) as server, pytest.raises(SourceUnusable, match="The answer is empty"):
            Http(watch, settings.cache_folder, source="X", network=NetworkAccess()).download(
                server.base, "x", max_bytes=10
            )

    @pytest.mark.parametrize(
        "body",
        [
            b'{"count": 7}\n<!-- cached by proxy -->',
            b'\xef\xbb\xbf{"count": 7}',
            '{"count": 7}'.encode("utf-16"),
            b'{"count": 7, "name": "M\xfcller"}',
            b'{"count": 7}{"count": 8}',
        ],
    )
    def test_remarks_marks_and_charsets_are_no_trouble(
        self, watch: CountingWatch, settings: Settings, body: bytes
    ) -> None:
        with RawServer(answers(body)) as server:
            http = Http(watch, settings.cache_folder, source="X", network=NetworkAccess())
            assert http.decoded(http.get(server.base).body, self.Anything).count == 7

    def test_other_json_is_told_too(self, http: Http) -> None:
        with pytest.raises(SourceError, match=r"sent invalid data.*count"):
            http.decoded(b'{"counts": 7}', self.Anything)


def test_a_password_from_netrc_is_not_sent_along(
    watch: CountingWatch, feeds: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert "Authorization" in requests.get(feeds.url + CATALOGUE, timeout=5).request.headers, "requests does, by itself"
    Http(watch, tmp_path, source="X", network=NetworkAccess()).get(feeds.url + CATALOGUE)
    assert "Authorization" not in feeds.requests[-1].headers


class TestBaseAddress:
    def test_without_one_the_real_service_is_asked(self) -> None:
        assert base_address("", "https://example.com/a?b=c") == "https://example.com/a?b=c"

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ("http://127.0.0.1:8900", "http://127.0.0.1:8900/a/b?c=d"),
            ("http://127.0.0.1:8900/", "http://127.0.0.1:8900/a/b?c=d"),
            ("https://mirror.example/feeds/", "https://mirror.example/feeds/a/b?c=d"),
            ("http://[::1]:8900", "http://[::1]:8900/a/b?c=d"),
        ],
    )
    def test_replaces_scheme_and_host_and_keeps_the_path(self, given: str, expected: str) -> None:
        assert base_address(given, "https://example.com/a/b?c=d") == expected

    @pytest.mark.parametrize("given", ["localhost:8900", "http://[", "ftp://example.com", "/feeds", "http://"])
    def test_refuses_what_is_no_address(self, given: str) -> None:
        with pytest.raises(SourceError, match="base address"):
            base_address(given, "https://example.com/a")
