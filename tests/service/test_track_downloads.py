"""Tracks from a web server, with and without a checksum that fits, by real downloads."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from racecraft.domain.errors import (
    Conflict,
    DownloadFailed,
    InvalidInput,
    InvalidTrack,
    RacecraftError,
)
from racecraft.service.tracks import download_track, import_track
from racecraft.tracks.exchange import write_npy
from racecraft.tracks.library import load_track
from tests.service.conftest import kept


@dataclass
class Server:
    """A folder of files in memory, served over http on this machine."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    promised_extra: int = 0
    chunk_pause_s: float = 0.0
    status: int = 200

    def publish(self, name: str, data: bytes, *, sums: str | None = None) -> None:
        self.files[f"/tracks/{name}.npy"] = data
        line = f"{hashlib.sha256(data).hexdigest()}  {name}.npy\n" if sums is None else sums
        self.files["/tracks/SHA256SUMS"] = line.encode()


def answer_for(server: Server) -> type[BaseHTTPRequestHandler]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.asked.append(self.path)
            if self.path in server.redirects:
                self.send_response(302)
                self.send_header("Location", server.redirects[self.path])
                self.end_headers()
                return
            data = server.files.get(self.path)
            self.send_response(404 if data is None else server.status)
            data = data or b"nothing here"
            self.send_header("Content-Length", str(len(data) + server.promised_extra))
            self.end_headers()
            try:
                for start in range(0, len(data), 1000) if server.chunk_pause_s else [0]:
                    self.wfile.write(data[start : start + 1000 if server.chunk_pause_s else None])
                    time.sleep(server.chunk_pause_s)
            except OSError:
                pass  # the client has seen enough

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Answer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    made = Server()
    with ThreadingHTTPServer(("127.0.0.1", 0), answer_for(made)) as http:
        made.url = f"http://127.0.0.1:{http.server_port}/tracks"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield made
        http.shutdown()
        thread.join()


def test_a_download_with_a_published_checksum_is_kept(
    home: Path, track_file: Path, server: Server
) -> None:
    server.publish("bend", track_file.read_bytes())
    made = download_track(home, "bend", base_url=server.url + "/")
    assert (made.name, made.source.value) == ("bend", "imported")
    assert (home / "tracks" / "bend.npy").read_bytes() == track_file.read_bytes()
    assert kept(home) == ["tracks/bend.npy"]
    assert server.asked == ["/tracks/SHA256SUMS", "/tracks/bend.npy"]


def test_a_checksum_that_is_given_wins_over_the_published_one(
    home: Path, track_file: Path, server: Server
) -> None:
    data = track_file.read_bytes()
    server.publish("bend", data, sums="")
    digest = hashlib.sha256(data).hexdigest().upper()
    assert download_track(home, "bend", base_url=server.url, sha256=digest).name == "bend"
    assert server.asked == ["/tracks/bend.npy"]


@pytest.mark.parametrize("form", ["{} *bend.npy", "{}  ./bend.npy\r", "# note\n{}  bend.npy"])
def test_the_usual_forms_of_a_checksum_line_are_read(
    home: Path, track_file: Path, server: Server, form: str
) -> None:
    digest = hashlib.sha256(track_file.read_bytes()).hexdigest()
    server.publish("bend", track_file.read_bytes(), sums=form.format(digest) + "\n")
    assert download_track(home, "bend", base_url=server.url).name == "bend"


def refused(home: Path, server: Server, error: type[RacecraftError], **more: object) -> str:
    """The sentence with which a download of `bend` ends; nothing may be left behind."""
    with pytest.raises(error) as caught:
        download_track(home, "bend", **{"base_url": server.url, **more})  # type: ignore[arg-type]
    assert kept(home) == []
    return str(caught.value)


def test_a_server_that_is_not_there_is_told(home: Path, server: Server) -> None:
    sentence = refused(home, server, DownloadFailed, base_url="http://127.0.0.1:1/tracks")
    assert "http://127.0.0.1:1/tracks/SHA256SUMS cannot be reached" in sentence
    assert "check the address and your connection" in sentence


def test_a_track_that_is_not_there_is_told(home: Path, server: Server) -> None:
    server.publish("other", b"x", sums=f"{'0' * 64}  bend.npy\n")
    sentence = refused(home, server, DownloadFailed)
    assert f"There is no track bend at {server.url} (error 404)" in sentence


def test_a_server_that_fails_is_told(home: Path, track_file: Path, server: Server) -> None:
    server.publish("bend", track_file.read_bytes())
    server.status = 503
    assert "refused" in refused(home, server, DownloadFailed)
    assert "error 503" in refused(home, server, DownloadFailed)


def test_a_missing_list_of_checksums_is_told(home: Path, track_file: Path, server: Server) -> None:
    server.publish("bend", track_file.read_bytes())
    del server.files["/tracks/SHA256SUMS"]
    sentence = refused(home, server, DownloadFailed)
    assert "No checksum is published at" in sentence
    assert "give the SHA-256 of the file yourself" in sentence
    assert server.asked == ["/tracks/SHA256SUMS"]


@pytest.mark.parametrize("sums", ["", f"{'0' * 64}  not-bend.npy\n", "abc  bend.npy\n"])
def test_a_list_of_checksums_without_the_track_is_told(
    home: Path, track_file: Path, server: Server, sums: str
) -> None:
    server.publish("bend", track_file.read_bytes(), sums=sums)
    assert "No checksum is published for bend.npy" in refused(home, server, DownloadFailed)


def test_a_file_with_another_checksum_is_not_kept(
    home: Path, track_file: Path, server: Server
) -> None:
    data = track_file.read_bytes()
    server.publish("bend", data, sums=f"{'0' * 64}  bend.npy\n")
    sentence = refused(home, server, DownloadFailed)
    assert f"checksum {hashlib.sha256(data).hexdigest()} instead of {'0' * 64}" in sentence
    assert "1" * 64 in refused(home, server, DownloadFailed, sha256="1" * 64)


def test_a_file_that_is_too_large_is_not_kept(home: Path, server: Server) -> None:
    server.publish("bend", b"x" * 5_000_001)
    assert "has more than 5 MB, too large" in refused(home, server, DownloadFailed)


def test_a_transfer_that_breaks_off_is_told(home: Path, track_file: Path, server: Server) -> None:
    data = track_file.read_bytes()
    server.publish("bend", data)
    server.promised_extra = 7
    digest = hashlib.sha256(data).hexdigest()
    sentence = refused(home, server, DownloadFailed, sha256=digest)
    assert f"broke off after {len(data)} bytes, 7 too early" in sentence


def test_a_transfer_that_drips_is_ended_in_time(
    home: Path, track_file: Path, server: Server
) -> None:
    """Each piece comes well within the time, all of them do not."""
    server.publish("bend", track_file.read_bytes())
    server.chunk_pause_s = 0.1
    began = time.monotonic()
    sentence = refused(home, server, DownloadFailed, sha256="0" * 64, timeout_s=0.25)
    assert "did not arrive in time" in sentence
    assert time.monotonic() - began < 2


def test_a_server_that_says_nothing_is_given_up(
    home: Path, track_file: Path, server: Server
) -> None:
    server.publish("bend", track_file.read_bytes())
    server.chunk_pause_s = 0.5
    sentence = refused(home, server, DownloadFailed, sha256="0" * 64, timeout_s=0.1)
    assert "did not arrive in time" in sentence


def test_a_file_that_is_no_track_is_not_kept_though_its_checksum_fits(
    home: Path, server: Server
) -> None:
    server.publish("bend", b"no track at all")
    assert "is not an .npy file" in refused(home, server, InvalidTrack)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc",
        "ftp://example.org/tracks",
        "example.org/tracks",
        "http://",
        "https://example.org/tracks?x=1",
        "https://example.org/tracks#top",
        "http://[bad",
        "http://example.org/a\nb",
        "",
    ],
)
def test_an_address_that_is_not_of_a_web_folder_is_refused(
    home: Path, server: Server, url: str
) -> None:
    sentence = refused(home, server, InvalidInput, base_url=url)
    assert repr(url) in sentence
    assert "give an http or https address of a folder" in sentence


@pytest.mark.parametrize("digest", ["", "abc", "g" * 64, "0" * 63])
def test_a_checksum_that_is_none_is_refused(home: Path, server: Server, digest: str) -> None:
    assert "give its 64 hexadecimal digits" in refused(home, server, InvalidInput, sha256=digest)
    assert server.asked == []


def test_a_redirect_to_another_web_address_is_followed(
    home: Path, track_file: Path, server: Server
) -> None:
    server.publish("moved", track_file.read_bytes())
    server.redirects["/tracks/bend.npy"] = "/tracks/moved.npy"
    digest = hashlib.sha256(track_file.read_bytes()).hexdigest()
    assert download_track(home, "bend", base_url=server.url, sha256=digest).name == "bend"


@pytest.mark.parametrize("target", ["file://{}", "ftp://127.0.0.1/x"])
def test_a_redirect_to_anything_else_is_refused(
    home: Path, track_file: Path, server: Server, target: str
) -> None:
    server.redirects["/tracks/bend.npy"] = target.format(track_file)
    digest = hashlib.sha256(track_file.read_bytes()).hexdigest()
    refused(home, server, DownloadFailed, sha256=digest)


def test_a_download_overwrites_only_on_purpose(
    home: Path, track_file: Path, server: Server
) -> None:
    import_track(home, track_file, "bend")
    write_npy(load_track("thimble"), track_file)
    server.publish("bend", track_file.read_bytes())
    with pytest.raises(Conflict, match="an imported track called bend"):
        download_track(home, "bend", base_url=server.url)
    assert server.asked == []
    download_track(home, "bend", base_url=server.url, replace=True)
    assert (home / "tracks" / "bend.npy").read_bytes() == track_file.read_bytes()
