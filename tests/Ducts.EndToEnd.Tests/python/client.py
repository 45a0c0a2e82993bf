"""What a Python client does, in the standard library alone: strict UTF-8, streams, divided replies, error text evaluated.

python3 client.py ADDRESS             prints what came of many requests as JSON
python3 client.py ADDRESS EVENT DATA  prints the reply to one call, both in JSON
python3 client.py ADDRESS cuts SESSIONS CUTS SEED  cuts sessions again and again and prints what came and what did not
"""
import base64
import builtins
import json
import os
import random
import socket
import struct
import sys
import threading
import urllib.request
from urllib.parse import urlsplit

LARGEST_MESSAGE = 4 * 1024 * 1024


def pack(value):
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return bytes([value]) if 0 <= value < 128 else b"\xd3" + struct.pack(">q", value)
    if isinstance(value, float):
        return b"\xcb" + struct.pack(">d", value)
    if isinstance(value, str):
        text = value.encode()
        return b"\xdb" + struct.pack(">I", len(text)) + text
    if isinstance(value, bytes):
        return b"\xc6" + struct.pack(">I", len(value)) + value
    if isinstance(value, (list, tuple)):
        return b"\xdd" + struct.pack(">I", len(value)) + b"".join(map(pack, value))
    if isinstance(value, dict):
        return b"\xdf" + struct.pack(">I", len(value)) + b"".join(pack(k) + pack(v) for k, v in value.items())
    raise TypeError(type(value))


class Unpacker:
    """Fails for whatever it does not know: extension types among it."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, length):
        piece = self.data[self.at:self.at + length]
        assert len(piece) == length, "a message ends too early"
        self.at += length
        return piece

    def number(self, form):
        return struct.unpack(">" + form, self.take(struct.calcsize(form)))[0]

    def text(self, length):
        return self.take(length).decode("utf-8", "strict")

    def array(self, length):
        return [self.value() for _ in range(length)]

    def map(self, length):
        return {self.value(): self.value() for _ in range(length)}

    def value(self):
        head = self.number("B")
        if head < 0x80:
            return head
        if head < 0x90:
            return self.map(head & 15)
        if head < 0xa0:
            return self.array(head & 15)
        if head < 0xc0:
            return self.text(head & 31)
        if head >= 0xe0:
            return head - 256
        if head in (0xc0, 0xc2, 0xc3):
            return {0xc0: None, 0xc2: False, 0xc3: True}[head]
        for first, forms, read in ((0xc4, "BHI", self.take), (0xd9, "BHI", self.text), (0xdc, "HI", self.array), (0xde, "HI", self.map)):
            if first <= head < first + len(forms):
                return read(self.number(forms[head - first]))
        return self.number({0xca: "f", 0xcb: "d", 0xcc: "B", 0xcd: "H", 0xce: "I", 0xcf: "Q", 0xd0: "b", 0xd1: "h", 0xd2: "i", 0xd3: "q"}[head])


def unpack(data):
    unpacker = Unpacker(data)
    value = unpacker.value()
    assert unpacker.at == len(data), "a message goes on after its end"
    return value


class Client:
    def __init__(self, address):
        with urllib.request.urlopen(address + "ducts/wsd?uuid=python") as answer:
            wsd = json.load(answer)
        self.events, self.last, self.reconnect_url = wsd["EVENT"], 0, wsd["websocket_url_reconnect"]
        self.open(wsd["websocket_url"])

    def open(self, address):
        url = urlsplit(address)
        self.socket = socket.create_connection((url.hostname, url.port), timeout=120)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
        self.stream = self.socket.makefile("rb")
        assert b" 101 " in self.stream.readline()
        while self.stream.readline() != b"\r\n":
            pass

    def frame(self, opcode, data):
        length = len(data)
        head = bytes([0x80 | length]) if length < 126 else b"\xfe" + struct.pack(">H", length) if length < 65536 else b"\xff" + struct.pack(">Q", length)
        mask = os.urandom(4)
        self.socket.sendall(bytes([0x80 | opcode]) + head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(data)))

    def message(self):
        whole = b""
        while True:
            first, second = self.stream.read(2)
            assert second < 128, "a server masks nothing"
            length = second if second < 126 else struct.unpack(">H", self.stream.read(2))[0] if second == 126 else struct.unpack(">Q", self.stream.read(8))[0]
            data = self.stream.read(length)
            if first & 15 == 9:
                self.frame(10, data)
            elif first & 15 == 8:
                self.frame(8, data)
                raise EOFError(data)
            else:
                whole += data
                assert len(whole) <= LARGEST_MESSAGE, "the message is too large for Python clients"
                if first & 0x80:
                    return unpack(whole)

    def send(self, key, data):
        self.last += 1
        self.frame(2, pack([self.last, self.events[key] if isinstance(key, str) else key, data]))
        return self.last

    def replies(self, key, data=None):
        """All items of an answer; an error is raised as the exception its text names."""
        request, pieces = self.send(key, data), []
        while True:
            rid, event, value = self.message()
            if rid != request:
                continue
            if event == self.events["DIVIDED_RESPONSE_APPEND"]:
                pieces.append(value)
                continue
            if event == self.events["DIVIDED_RESPONSE_END"]:
                rid, event, value = unpack(b"".join(pieces))
            loops = [self.events["LOOP_RESPONSE_" + name] for name in ("START", "NEXT", "END")]
            at = loops.index(event) if event in loops else None
            if at is not None:
                _, event, value = value
            if event < 0 and at != 2:
                raise evaluate(value)
            if at != 2:
                yield value
            if at in (None, 2):
                return

    def call(self, key, data=None):
        return list(self.replies(key, data))[-1]


class Cut(Exception):
    """The socket has given as many bytes as it was to give."""


class Stream:
    """What a socket gives, up to so many bytes; then it is reset."""

    def __init__(self, client, most):
        self.client, self.stream, self.rest = client, client.stream, most

    def read(self, length):
        data = self.stream.read(min(length, self.rest))
        self.rest -= len(data)
        if self.rest == 0:
            self.client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.client.socket.close()
            self.stream.close()
            raise Cut
        assert len(data) == length, "the server has ended the socket"
        return data


INTERRUPTED = "ConnectionError('interrupted, call again')"


def is_of(data, number):
    return struct.unpack("<i", data[:4])[0] == number and all(byte == (number + i * 31) & 255 for i, byte in enumerate(data[4:], 4))


class CutSession:
    """Streams and calls on a session whose socket dies again and again."""

    def __init__(self, address, cuts, chance, gate):
        names = ("sockets", "items", "repeated", "asked", "answered", "interrupted", "bytes", "done", "ends")
        self.seen = {**dict.fromkeys(names, 0), "sockets": 1, "wrong": []}
        self.gate, self.client, self.last, self.on_socket, self.ended = gate, Client(address), {}, {}, set()
        self.numbers, self.answers, self.pieces, self.bytes = {}, set(), {}, {}
        for _ in range(2):
            self.last[self.client.send("FLOW", {"gate": gate, "pause": 100})] = 0
        while not all(self.last.values()):
            self.note(self.client.message())
        most = 1
        for cut in range(cuts + 1):
            self.live(most, f"{gate}-{cut}")
            self.client.open(self.client.reconnect_url)
            self.seen["sockets"] += 1
            self.on_socket = {}
            most = chance.randrange(1, 1_500_000 if cut % 3 == 2 else 3000)
        # The last socket lives: what is still to come comes all, and bytes at least there.
        self.begin_bytes(f"{gate}-last")
        while self.seen["bytes"] == 0:
            self.note(self.client.message())
        other = Client(address)
        for name in [gate, f"{gate}-last", *(f"{gate}-{cut}" for cut in range(cuts + 1))]:
            other.call("RELEASE", {"gate": name})
        done = other.call("DONE", {"run": gate})
        if len(set(done)) != len(done):
            self.seen["wrong"].append("executed twice")
        while self.seen["ends"] < 2 or not set(done) <= self.answers or any(expected > 1 for expected in self.bytes.values()):
            self.note(self.client.message())
        self.seen["done"], self.seen["answered"] = len(done), len(self.answers)

    def live(self, most, gate):
        self.client.stream = Stream(self.client, most)
        try:
            self.begin_bytes(gate)
            while True:
                if self.seen["asked"] < 10_000 and random.random() < 0.3:
                    self.seen["asked"] += 1
                    number = self.seen["asked"]
                    size = 700_000 if number % 8 == 0 else number % 50
                    self.numbers[self.client.send("DO", {"run": self.gate, "number": number, "size": size, "padding": b""})] = (number, size)
                self.note(self.client.message())
        except Cut:
            pass

    def begin_bytes(self, gate):
        self.bytes[self.client.send("ITEMS", {"gate": gate, "size": 300, "pause": 10})] = 1

    def note(self, message):
        events, (rid, event, value) = self.client.events, message
        if event == events["DIVIDED_RESPONSE_APPEND"]:
            self.pieces.setdefault(rid, []).append(value)
            return
        if event == events["DIVIDED_RESPONSE_END"]:
            rid, event, value = unpack(b"".join(self.pieces.pop(rid)))
        if rid in self.last:
            self.note_item(rid, event == events["LOOP_RESPONSE_END"], value[2])
        elif rid in self.numbers:
            self.note_reply(rid, event, value)
        elif rid in self.bytes:
            self.note_bytes(rid, event, value)
        else:
            self.seen["wrong"].append(repr(message)[:200])

    def note_item(self, rid, is_end, item):
        if is_end:
            self.seen["ends"] += rid not in self.ended
            self.ended.add(rid)
            return
        # A new socket may begin with items that have come already; on each, one follows the other.
        fits = item == self.on_socket[rid] + 1 if rid in self.on_socket else item <= self.last[rid] + 1
        if not fits:
            self.seen["wrong"].append(f"{item} after {self.last[rid]}")
        self.seen["items" if item > self.last[rid] else "repeated"] += 1
        self.last[rid] = max(self.last[rid], item)
        self.on_socket[rid] = item

    def note_reply(self, rid, event, value):
        number, size = self.numbers[rid]
        if event < 0 and value == INTERRUPTED:
            self.seen["interrupted"] += 1
            self.pieces.pop(rid, None)
        elif event < 0 or len(value) != size + 8 or not is_of(value, number):
            self.seen["wrong"].append(f"reply {number}")
        self.answers.add(number)

    def note_bytes(self, rid, event, value):
        expected = self.bytes[rid]
        if event < 0 or value[1] < 0:
            # The error of the call itself, the item, and the end that follow each other.
            if INTERRUPTED not in (value, value[2]) and value[2] is not None:
                self.seen["wrong"].append(repr(value))
            self.seen["interrupted"] += expected > 0
            self.bytes[rid] = 0
            return
        if event == self.client.events["LOOP_RESPONSE_END"]:
            self.bytes[rid] = 0
            return
        number = struct.unpack("<i", value[2][:4])[0]
        if number > 0:
            if number != expected or not is_of(value[2], number):
                self.seen["wrong"].append(f"bytes {number} in the place of {expected}")
            self.seen["bytes"] += 1
            self.bytes[rid] += 1


def cut_sessions(address, sessions, cuts, seed):
    done = []

    def run(number):
        done.append(CutSession(address, cuts, random.Random(seed + number), f"python-{os.getpid()}-{number}").seen)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(sessions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == sessions, "a session has failed"
    print(json.dumps({key: sum((seen[key] for seen in done), [] if key == "wrong" else 0) for key in done[0]}))


def evaluate(text):
    """Python clients evaluate an error's text. Nothing but the exceptions can be reached from here."""
    names = [name for name in dir(builtins) if name.endswith("Error")]
    return eval(text, {"__builtins__": {}, **{name: getattr(builtins, name) for name in names}})


def caught(call):
    items = []
    try:
        items.extend(call)
    except Exception as error:
        return {"items": items, "error": type(error).__name__, "args": list(error.args)}
    return {"items": items}


def main(address):
    client = Client(address)
    nasty = "'+__import__('os').system('true')+'\\\"\n\r\u2028\x00 grüße 🎈 {0} %s \\N{DASH} \\u0041"
    result = {
        "echo": client.call("ECHO", {"text": "grüße 🎈", "whole": 2.0, "large": 2 ** 62, "negative": -1, "none": None}),
        "ten": caught(client.replies("TEN")),
        "half": caught(client.replies("HALF")),
        "refused": caught(client.replies("REFUSE", {"upTo": -1})),
        "unknown": caught(client.replies(4711)),
        "nasty": caught(client.replies("FAIL", {"name": "KeyError", "message": nasty})),
        "nastyCameBack": caught(client.replies("FAIL", {"name": "ValueError", "message": nasty}))["args"] == [nasty],
        "big": len(client.call("BIG", 10 * 1024 * 1024)),
        "afterwards": client.call("ECHO", ["still here"]),
    }
    client.frame(8, struct.pack(">H", 1000))
    try:
        while True:
            client.message()
    except EOFError as end:
        result["closed"] = struct.unpack(">H", end.args[0][:2])[0]
    json.dump(result, sys.stdout, ensure_ascii=False, separators=(",", ":"))


if len(sys.argv) == 6:
    cut_sessions(sys.argv[1], *map(int, sys.argv[3:]))
elif len(sys.argv) == 4:
    print(json.dumps(Client(sys.argv[1]).call(sys.argv[2], json.loads(sys.argv[3]))))
else:
    main(sys.argv[1])
