"""Lossless JPEG (process 14) of one component, written bit by bit for the tests."""

import struct

import numpy as np
from pydicom.encaps import encapsulate

PREDICTED = {
    1: lambda a, b, c: a,
    2: lambda a, b, c: b,
    3: lambda a, b, c: c,
    4: lambda a, b, c: a + b - c,
    5: lambda a, b, c: a + ((b - c) >> 1),
    6: lambda a, b, c: b + ((a - c) >> 1),
    7: lambda a, b, c: (a + b) >> 1,
}


def _segment(marker, content):
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def _differences(values, precision, predictor):
    """Differences to the prediction, row after row, modulo 2**16."""
    values = values.astype(int)
    for row in range(values.shape[0]):
        for column in range(values.shape[1]):
            if row == column == 0:
                guess = 1 << (precision - 1)
            elif row == 0:
                guess = values[0, column - 1]
            elif column == 0:
                guess = values[row - 1, 0]
            else:
                left, above = values[row, column - 1], values[row - 1, column]
                guess = PREDICTED[predictor](left, above, values[row - 1, column - 1])
            difference = int(values[row, column] - guess) & 0xFFFF
            yield difference - 0x10000 if difference > 0x8000 else difference


def encode(values, precision, predictor=1):
    """Encode unsigned values; each category has a code of five bits."""
    bits = []
    for difference in _differences(values, precision, predictor):
        size = abs(difference).bit_length() if difference != 0x8000 else 16
        bits.append(f"{size:05b}")
        if 0 < size < 16:
            shown = difference if difference > 0 else difference + (1 << size) - 1
            bits.append(f"{shown:0{size}b}")
    text = "".join(bits)
    text += "1" * (-len(text) % 8)
    coded = int(text, 2).to_bytes(len(text) // 8, "big").replace(b"\xff", b"\xff\0")
    rows, columns = values.shape
    frame = struct.pack(">BHHB", precision, rows, columns, 1) + b"\1\x11\0"
    codes = bytes([0, 0, 0, 0, 17, *[0] * 11, *range(17)])
    return b"".join(
        [
            b"\xff\xd8",
            _segment(0xC3, frame),
            _segment(0xC4, b"\0" + codes),
            _segment(0xDA, bytes([1, 1, 0, predictor, 0, 0])),
            coded,
            b"\xff\xd9",
        ]
    )


def lossless_frames(frames, precision, predictor=1):
    """Encapsulate frames of stored values, signs as two's complement."""
    lowest = (1 << precision) - 1
    values = [np.asarray(frame).astype(int) & lowest for frame in frames]
    return encapsulate([encode(frame, precision, predictor) for frame in values])
