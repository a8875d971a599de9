"""Converts an SVG file to a Windows icon file: `python resources/icon_file.py SVG ICO`.

The icon has all sizes that Explorer, taskbar and tray use, each stored as PNG (Windows Vista and later). For
notifications, which do not accept icon files, a PNG file is written beside it.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgRenderer

SIZES = (16, 20, 24, 32, 40, 48, 64, 128, 256)
_NOTIFICATION = 128
_HEADER, _ENTRY = struct.Struct("<HHH"), struct.Struct("<BBBBHHII")
_ICON, _PLANES, _BITS = 1, 1, 32


def main(svg: str, ico: str) -> None:
    application = QGuiApplication(["icon", "-platform", "offscreen"])
    renderer = QSvgRenderer(svg)
    pictures = [_picture(renderer, size) for size in SIZES]
    Path(ico).parent.mkdir(parents=True, exist_ok=True)
    Path(ico).write_bytes(_file(pictures))
    Path(ico).with_suffix(".png").write_bytes(pictures[SIZES.index(_NOTIFICATION)])
    application.quit()


def _picture(renderer: QSvgRenderer, size: int) -> bytes:
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(data.data())


def _file(pictures: list[bytes]) -> bytes:
    """Assemble ICONDIR, one ICONDIRENTRY per picture (size 256 is written as 0), and the pictures."""
    offset = _HEADER.size + _ENTRY.size * len(pictures)
    entries = b""
    for size, picture in zip(SIZES, pictures, strict=True):
        side = size % 256
        entries += _ENTRY.pack(side, side, 0, 0, _PLANES, _BITS, len(picture), offset)
        offset += len(picture)
    return _HEADER.pack(0, _ICON, len(pictures)) + entries + b"".join(pictures)


if __name__ == "__main__":
    main(*sys.argv[1:])
