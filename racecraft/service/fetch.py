"""Fetching small files over http and https, with a limit on size and time."""

from __future__ import annotations

import http.client
import re
import time
import urllib.error
import urllib.parse
import urllib.request

from racecraft.domain.errors import DownloadFailed, InvalidInput

CHECKSUMS = "SHA256SUMS"
MAX_CHECKSUM_BYTES = 1_000_000
CHUNK_BYTES = 65_536
_LINE = re.compile(r"([0-9a-fA-F]{64}) [ *](?:\./)?(\S.*)")


def published_checksum(base_url: str, file: str, *, timeout_s: float) -> str:
    """SHA-256 (lower-case hex) of a file, from the `SHA256SUMS` beside it.

    Raises:
        InvalidInput: the address is not an http or https one.
        DownloadFailed: the list cannot be fetched, or does not name the file.
    """
    listed = fetch(base_url, CHECKSUMS, max_bytes=MAX_CHECKSUM_BYTES, timeout_s=timeout_s)
    if listed is None:
        raise DownloadFailed(
            f"No checksum is published at {base_url} (there is no {CHECKSUMS}); give the SHA-256 "
            "of the file yourself."
        )
    for line in listed.decode("utf-8", errors="replace").splitlines():
        found = _LINE.fullmatch(line.strip())
        if found and found[2] == file:
            return found[1].lower()
    raise DownloadFailed(
        f"No checksum is published for {file}: {base_url}/{CHECKSUMS} does not name it; check the "
        "name of the track, or give the SHA-256 of the file yourself."
    )


def fetch(base_url: str, file: str, *, max_bytes: int, timeout_s: float) -> bytes | None:
    """The bytes of `<base_url>/<file>`, or None when the server says that there is no such file.

    Args:
        base_url: http or https address of a folder.
        file: name of a file in it, already known to hold no path.
        max_bytes: largest size taken.
        timeout_s: time for the whole transfer.

    Raises:
        InvalidInput: the address is not an http or https one.
        DownloadFailed: the file did not arrive whole, in time and in size.
    """
    url = f"{_folder(base_url)}/{file}"
    ends = time.monotonic() + timeout_s
    try:
        with _opener().open(url, timeout=timeout_s) as answer:
            return _read(answer, url, max_bytes, ends)
    except urllib.error.HTTPError as error:
        with error:
            if error.code in (404, 410):
                return None
            raise DownloadFailed(
                f"The server refused {url} with error {error.code} ({error.reason}); check the "
                "address or try again later."
            ) from None
    except TimeoutError:
        raise _too_slow(url) from None
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        if isinstance(reason, TimeoutError):
            raise _too_slow(url) from None
        raise DownloadFailed(
            f"{url} cannot be reached ({reason}); check the address and your connection."
        ) from error


def _read(answer: http.client.HTTPResponse, url: str, max_bytes: int, ends: float) -> bytes:
    if url.startswith("https:") and not answer.url.startswith("https:"):
        raise DownloadFailed(
            f"{url} redirects to {answer.url}, which is not encrypted; ask who publishes it."
        )
    data = bytearray()
    while chunk := answer.read1(CHUNK_BYTES):
        data += chunk
        if len(data) > max_bytes:
            raise DownloadFailed(
                f"{url} has more than {max_bytes / 1e6:g} MB, too large for such a file; check "
                "that the address is right."
            )
        if time.monotonic() > ends:
            raise _too_slow(url)
    if answer.length:  # bytes that were promised and did not come
        raise DownloadFailed(
            f"{url} broke off after {len(data)} bytes, {answer.length} too early; try again."
        )
    return bytes(data)


def _too_slow(url: str) -> DownloadFailed:
    return DownloadFailed(
        f"{url} did not arrive in time; check your connection, try again or allow more time."
    )


def _folder(base_url: str) -> str:
    """The address without a closing slash, if it is one that may be used."""
    try:
        parts = urllib.parse.urlsplit(base_url)
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_usable = False
    if not is_usable or parts.query or parts.fragment or not base_url.isprintable():
        raise InvalidInput(
            f"The download address is {base_url!r}; give an http or https address of a folder, "
            "such as https://example.org/tracks."
        )
    return base_url.strip().rstrip("/")


def _opener() -> urllib.request.OpenerDirector:
    """Knows http and https only, also after a redirect: no files, no FTP."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener
