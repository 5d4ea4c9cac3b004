import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero.errors import FramingError
from arriero.lsp.framing import MAX_HEADER, Frames, frame, read_json

MESSAGES = st.lists(st.dictionaries(st.text(max_size=5), st.text(), max_size=3), max_size=5)


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    pieces, place = [], 0
    while place < len(data):
        size = sizes[len(pieces) % len(sizes)] if sizes else len(data)
        pieces.append(data[place : place + size])
        place += size
    return pieces


@given(MESSAGES, st.lists(st.integers(1, 40)))
def test_messages_arrive_whole_however_the_bytes_are_cut(messages, sizes):
    stream = b"".join(frame(message) for message in messages)
    frames = Frames()
    bodies = [body for piece in cut(stream, sizes) for body in frames.feed(piece)]
    assert [read_json(body) for body in bodies] == messages


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: 2\r\n\r\n",
        b"content-length:2\r\n\r\n",
        b"CONTENT-LENGTH :  2 \r\n\r\n",
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 2\r\n\r\n",
        b"Content-Length: 2\r\nX-Something: else\r\n\r\n",
        b"Content-Length: 2\n\n",
        b"Content-Length: 000000000002\r\n\r\n",
    ],
)
def test_headers_may_be_written_carelessly(header):
    assert list(Frames().feed(header + b"{}" + header + b"[]")) == [b"{}", b"[]"]


@pytest.mark.parametrize(
    "bytes_",
    [
        b"POST / HTTP/1.1\r\n",
        b"GET http://127.0.0.1/ HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
        b"{}\r\n",
        b"\r\n",
        b"Content-Type: x\r\n\r\n",
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: 1e3\r\n\r\n",
        b"Content-Length: \r\n\r\n",
        b"Content-Length: 99999999999999\r\n\r\n",
        b"Content-Length: 101\r\n\r\n",
        b"X: " + b"y" * MAX_HEADER,
        b"X: y\r\n" * MAX_HEADER,
        b"X: y\r\n" * MAX_HEADER + b"Content-Length: 2\r\n\r\n{}",
        b"\x16\x03\x01\n",
    ],
)
def test_what_is_not_the_protocol_is_refused_at_once(bytes_):
    with pytest.raises(FramingError):
        list(Frames(max_body=100).feed(bytes_))


def test_there_is_no_end_to_messages():
    assert len(list(Frames().feed(frame({}) * MAX_HEADER))) == MAX_HEADER


def test_messages_before_the_break_are_still_read():
    bodies = Frames().feed(frame({}) + b"nonsense\r\n")
    assert next(bodies) == b"{}"
    with pytest.raises(FramingError):
        next(bodies)


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_no_bytes_do_anything_but_give_bodies_or_a_framing_error(pieces):
    frames = Frames(max_body=100)
    try:
        for piece in pieces:
            for body in frames.feed(piece):
                assert len(body) <= 100
    except FramingError:
        pass


@given(st.text())
def test_the_length_counts_bytes(text):
    header, _, body = frame({"x": text}).partition(b"\r\n\r\n")
    assert header == b"Content-Length: %d" % len(body)
    assert json.loads(body.decode()) == {"x": text}
