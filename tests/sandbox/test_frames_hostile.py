"""Whatever bytes a locked process sends, reading them ends in plain values or a broken frame."""

from __future__ import annotations

import struct
import time
import tracemalloc
from typing import Any

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from racecraft.sandbox.answers import findings, tried
from racecraft.sandbox.frames import HEADER, MAX_REPLY, BrokenFrame, packed, take
from racecraft.sandbox.printouts import Printouts, plain

PLAIN = (dict, list, str, bytes, int, float, bool, type(None), msgpack.Timestamp, msgpack.ExtType)

sizes = st.sampled_from([0, 1, 2, 15, 16, 255, 256, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1])
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.binary()
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=15,
)  # fmt: skip
names = st.sampled_from(
    ["rewards", "seconds", "printed", "left_out", "error", "message", "line", "faults", "findings"]
)
replies = st.dictionaries(names, values)


@st.composite
def bent(draw: st.DrawFn) -> bytes:
    """A true message with some of its bytes changed, or cut, or announced as something else."""
    body = bytearray(msgpack.packb(draw(replies | values)))
    for _ in range(draw(st.integers(0, 3))):
        if body:
            body[draw(st.integers(0, len(body) - 1))] = draw(st.integers(0, 255))
    body = body[: draw(st.integers(0, len(body)))] if draw(st.booleans()) else body
    return bytes(body)


@st.composite
def announced(draw: st.DrawFn) -> bytes:
    """Lists, tables, texts and bytes that claim to be of another size than they are."""
    kind, form = draw(
        st.sampled_from(
            [(bytes([kind]), ">I") for kind in (0xDD, 0xDF, 0xDB, 0xC6, 0xC9)]
            + [(bytes([kind]), ">H") for kind in (0xDC, 0xDE, 0xDA, 0xC5, 0xC8)]
            + [(bytes([kind]), ">B") for kind in (0xD9, 0xC4, 0xC7)]
        )
    )
    top = 256 ** struct.calcsize(form) - 1
    size = struct.pack(form, min(draw(sizes), top))
    return kind + size + draw(st.binary(max_size=64)) * draw(st.sampled_from([1, 9, 999]))


def frames() -> st.SearchStrategy[bytes]:
    bodies = bent() | announced() | st.binary(max_size=200)
    true_size = bodies.map(lambda body: HEADER.pack(len(body)) + body)
    other_size = st.tuples(sizes, bodies).map(lambda parts: HEADER.pack(parts[0]) + parts[1])
    return true_size | other_size | st.binary(max_size=40)


def all_taken(buffer: bytearray) -> list[dict[str, Any]]:
    messages = []
    while (message := take(buffer)) is not None:
        messages.append(message)
    return messages


def assert_plain(value: object) -> None:
    assert type(value) in PLAIN
    if isinstance(value, dict):
        for key, inner in value.items():
            assert_plain(key)
            assert_plain(inner)
    elif isinstance(value, list):
        for inner in value:
            assert_plain(inner)


@settings(max_examples=600, deadline=None)
@given(st.lists(frames(), max_size=4))
def test_any_bytes_are_messages_of_plain_values_or_a_broken_frame(stream: list[bytes]) -> None:
    try:
        messages = all_taken(bytearray(b"".join(stream)))
    except BrokenFrame:
        return
    assert_plain(messages)


@settings(max_examples=150, deadline=None)
@given(st.lists(frames(), max_size=4), st.integers(1, 50))
def test_it_does_not_matter_in_which_pieces_the_bytes_come(stream: list[bytes], piece: int) -> None:
    def read(pieces: list[bytes]) -> tuple[str, bool]:
        buffer, messages, is_broken = bytearray(), [], False
        for part in pieces:
            buffer += part
            try:
                messages += all_taken(buffer)
            except BrokenFrame:
                is_broken = True
                break
        # What came before the broken frame is taken one by one, so it may be fewer at once.
        return repr(messages) if not is_broken else "", is_broken

    whole = b"".join(stream)
    assert read([whole]) == read([whole[i : i + piece] for i in range(0, len(whole), piece)])


@settings(max_examples=150, deadline=None)
@given(values.filter(lambda value: not isinstance(value, dict)))
def test_only_a_table_is_a_message(value: object) -> None:
    body = msgpack.packb(value)

    with pytest.raises(BrokenFrame):
        take(bytearray(HEADER.pack(len(body)) + body))


@settings(max_examples=150, deadline=None)
@given(replies)
def test_a_true_message_comes_back_as_it_was(message: dict[str, Any]) -> None:
    buffer = bytearray(packed(message) * 2)

    assert repr(all_taken(buffer)) == repr([message, message])
    assert buffer == b""


@pytest.mark.parametrize("size", [MAX_REPLY + 1, 2**31, 2**32 - 1])
def test_too_large_a_frame_is_refused_before_it_is_read(size: int) -> None:
    with pytest.raises(BrokenFrame):
        take(bytearray(HEADER.pack(size)))


BOMBS = {
    "nested lists": b"\x91" * (MAX_REPLY - 1) + b"\xc0",
    "nested tables": b"\x81\xa0" * (MAX_REPLY // 2 - 1) + b"\xc0",
    "empty lists": b"\x81\xa1x\xdd" + struct.pack(">I", MAX_REPLY - 8) + b"\x90" * (MAX_REPLY - 8),
    "empty tables": b"\x81\xa1x\xdd" + struct.pack(">I", MAX_REPLY - 8) + b"\x80" * (MAX_REPLY - 8),
    "nothings": b"\x81\xa1x\xdd" + struct.pack(">I", MAX_REPLY - 8) + b"\xc0" * (MAX_REPLY - 8),
    "empty texts": b"\x81\xa1x\xdd" + struct.pack(">I", MAX_REPLY - 8) + b"\xa0" * (MAX_REPLY - 8),
    "numbers": b"\x81\xa1x\xdd" + struct.pack(">I", MAX_REPLY // 9 - 8)
    + (b"\xcf" + b"\xff" * 8) * (MAX_REPLY // 9 - 8),
    "moments": b"\x81\xa1x\xdd" + struct.pack(">I", MAX_REPLY // 6 - 8)
    + (b"\xd6\xff" + bytes(4)) * (MAX_REPLY // 6 - 8),
    "unknown kinds": b"\x81\xa1x\xdd" + struct.pack(">I", MAX_REPLY // 3 - 8)
    + b"\xd4\x05x" * (MAX_REPLY // 3 - 8),
    "one long text": b"\x81\xa1x\xdb" + struct.pack(">I", MAX_REPLY - 8) + b"x" * (MAX_REPLY - 8),
    "a list of four billion": b"\x81\xa1x\xdd\xff\xff\xff\xff" + b"\xc0" * 1000,
    "a table of four billion": b"\xdf\xff\xff\xff\xff" + b"\xa0\xc0" * 1000,
    "a text of four billion": b"\x81\xa1x\xdb\xff\xff\xff\xff" + b"x" * 1000,
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_takes_little_memory_and_time(name: str) -> None:
    body = BOMBS[name]
    buffer = bytearray(HEADER.pack(len(body)) + body)
    assert len(body) <= MAX_REPLY
    tracemalloc.start()
    begin = time.process_time()

    try:
        take(buffer)
    except BrokenFrame:
        pass
    finally:
        took_s, (_, most) = time.process_time() - begin, tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert most < 60 * 1024 * 1024
    assert took_s < 3.0  # tracing memory makes it several times slower


@settings(max_examples=200, deadline=None)
@given(replies)
def test_parts_of_a_message_are_what_they_should_be_or_a_broken_frame(
    reply: dict[str, Any],
) -> None:
    for read in (lambda reply: tried(reply, 60), findings):
        try:
            read(reply)
        except BrokenFrame:
            continue


@settings(max_examples=200, deadline=None)
@given(values, values, st.lists(st.tuples(*[st.integers(0, 99)] * 3), max_size=4))
def test_printed_text_of_any_form_becomes_printable_lines(
    parts: Any, left_out: Any, places: list[tuple[int, int, int]]
) -> None:
    printouts = Printouts()

    printouts.keep(parts, left_out, places)

    assert all(line.isprintable() for line in printouts.taken().split("\n"))


@settings(max_examples=200, deadline=None)
@given(st.text() | values)
def test_a_message_becomes_one_printable_line(text: object) -> None:
    assert plain(text).isprintable()


LINES = {
    "empty lines": [[0, "\n" * (MAX_REPLY - 100)]],
    "many pieces": [[0, "x\n"] for _ in range(300_000)],
    "one endless line": [[0, "x" * (MAX_REPLY - 100)]],
}


@pytest.mark.parametrize("name", LINES)
def test_very_much_printed_text_takes_little_time(name: str) -> None:
    printouts = Printouts()
    begin = time.process_time()

    printouts.keep(LINES[name], 0, [(0, 1, 2)])
    text = printouts.taken()

    assert time.process_time() - begin < 0.5
    assert len(text) < 200_000
