"""A page of HTML on paper: as PDF, or by a printer. Qt's rich text knows tables and a part of CSS.

The PDF needs no screen and no window: it is made for commands and for the services as well.
"""

from __future__ import annotations

import os
import re

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSizeF
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFont,
    QGuiApplication,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPainter,
    QPalette,
    QPdfWriter,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)

from desktop.host import OFFSCREEN_PLATFORM

_MARGIN_MM, _FOOTER_PT = 15.0, 14.0
_KEPT_PT = 100.0
"""A heading has at least this much of its table below it on the page."""
_POINTS_PER_INCH = 72.0
_PDF_DPI = 300
_TEXT_PT, _FOOT_PT = 10, 8
_MUTED = "#59636e"
_FOR_SCREENS = re.compile(r'<style media="screen">.*?</style>', re.DOTALL)


def pdf_of(html: str) -> bytes:
    """Return the PDF of a page of HTML, on paper of A4; needs an application."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(_PDF_DPI)
    writer.setCreator("OpenThreat")
    print_html(html, writer, _PDF_DPI, QPageSize(QPageSize.PageSizeId.A4))
    buffer.close()
    return bytes(content.data())


def print_html(html: str, device: QPagedPaintDevice, dpi: int, size: QPageSize | None = None) -> None:
    """Print all pages, each with its number at the foot.

    Args:
        dpi: The resolution of the device.
        size: None: the size that was chosen for the device.
    """
    if size is not None:
        margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
        device.setPageLayout(QPageLayout(size, QPageLayout.Orientation.Portrait, margins, QPageLayout.Unit.Millimeter))
    page = device.pageLayout().paintRect(QPageLayout.Unit.Point)
    document = _document(html, QSizeF(page.width(), page.height() - _FOOTER_PT))
    if isinstance(device, QPdfWriter):
        device.setTitle(document.metaInformation(QTextDocument.MetaInformation.DocumentTitle))
    painter = QPainter(device)
    scale = dpi / _POINTS_PER_INCH
    painter.scale(scale, scale)
    for number in range(document.pageCount()):
        if number:
            device.newPage()
        _draw_page(painter, document, number)
    painter.end()


def _document(html: str, page: QSizeF) -> QTextDocument:
    """The text laid out in points: a document has 96 units to the inch unless a device says otherwise."""
    document = QTextDocument()
    font = QFont(QGuiApplication.font().family())
    font.setPixelSize(_TEXT_PT)
    document.setDefaultFont(font)
    document.setDocumentMargin(0)
    on_paper = _FOR_SCREENS.sub("", html)  # Qt does not tell media apart
    document.setHtml(on_paper.replace("pt;", "px;"))  # one unit is one point here
    document.setPageSize(page)
    _keep_headings(document)
    return document


def _keep_headings(document: QTextDocument) -> None:
    """Begin a new page before a heading that would stand alone at the foot of one."""
    height, block = document.pageSize().height(), document.begin()
    while block.isValid():
        top = document.documentLayout().blockBoundingRect(block).top()
        if block.blockFormat().headingLevel() and height - top % height < _KEPT_PT:
            kept = block.blockFormat()
            kept.setPageBreakPolicy(QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore)
            QTextCursor(block).setBlockFormat(kept)
        block = block.next()


def _draw_page(painter: QPainter, document: QTextDocument, number: int) -> None:
    page = document.pageSize()
    painter.save()
    painter.translate(0, -number * page.height())
    context = QAbstractTextDocumentLayout.PaintContext()
    context.clip = QRectF(0, number * page.height(), page.width(), page.height())
    context.palette.setColor(QPalette.ColorRole.Text, QColor("black"))  # paper is white under a dark theme as well
    painter.setClipRect(context.clip)
    document.documentLayout().draw(painter, context)
    painter.restore()
    painter.setPen(QColor(_MUTED))
    font = QFont(document.defaultFont())
    font.setPixelSize(_FOOT_PT)
    painter.setFont(font)
    foot = QRectF(0, page.height(), page.width(), _FOOTER_PT)
    painter.drawText(foot, f"{number + 1} / {document.pageCount()}")


def application() -> QGuiApplication:
    """Return the application, or make one that shows nothing."""
    existing = QGuiApplication.instance()
    if isinstance(existing, QGuiApplication):
        return existing
    os.environ["QT_QPA_PLATFORM"] = OFFSCREEN_PLATFORM
    return QGuiApplication(["openthreat"])
