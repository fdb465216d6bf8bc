"""Compound files and .xls workbooks of Excel 5, made byte by byte: no library writes them."""

import struct


def record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def binary(sheets: dict[str, bytes], *, further: bytes = b"") -> bytes:
    """Return an .xls workbook of Excel 5 of which each sheet is made of these records."""
    names = [name.encode("gbk") for name in sheets]
    bodies = [_begin(16) + records + record(0x0A, b"") for records in sheets.values()]
    head = _begin(5) + record(0x42, struct.pack("<H", 936)) + further
    place = len(head) + sum(4 + 7 + len(name) for name in names) + 4
    for name, body in zip(names, bodies, strict=True):
        head += record(0x85, struct.pack("<IHB", place, 0, len(name)) + name)
        place += len(body)
    return compound({"Book": head + record(0x0A, b"") + b"".join(bodies)})


def _begin(kind: int) -> bytes:
    return record(0x809, struct.pack("<HHHH", 0x500, kind, 0, 0))


def label(row: int, column: int, text: str) -> bytes:
    return record(0x204, struct.pack("<HHHH", row, column, 0, len(text.encode("gbk"))) + text.encode("gbk"))


def labels(rows) -> bytes:
    return b"".join(label(row, column, text) for row, cells in enumerate(rows) for column, text in enumerate(cells))


def compound(streams: dict[str, bytes]) -> bytes:
    """A compound file of some streams, each at least as long as streams of its own sectors are."""
    padded = {name: content.ljust(max(4096, -(-len(content) // 512) * 512), b"\0") for name, content in streams.items()}
    chains: list[int] = []
    starts, body = {}, b""
    for name, content in padded.items():
        starts[name] = len(chains)
        count = len(content) // 512
        chains += [*range(len(chains) + 1, len(chains) + count), 0xFFFFFFFE]
        body += content
    directory_at, table_at = len(chains), len(chains) + 1
    chains += [0xFFFFFFFE, 0xFFFFFFFD]
    entries = _entry("Root Entry", 5, 0xFFFFFFFE, 0)
    entries += b"".join(_entry(name, 2, starts[name], len(padded[name])) for name in padded)
    table = struct.pack(f"<{len(chains)}I", *chains).ljust(512, b"\xff")
    assert len(chains) <= 128 and len(padded) < 4
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIIII", 0, 1, directory_at, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, table_at)
    return head.ljust(512, b"\xff") + body + entries.ljust(512, b"\0") + table


def _entry(name: str, kind: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF)
    head = text.ljust(64, b"\0") + struct.pack("<HBB", len(text), kind, 1) + links + bytes(36)
    return head + struct.pack("<III", start, size, 0)
