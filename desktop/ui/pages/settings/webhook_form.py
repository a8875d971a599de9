"""The form in which a webhook is added or changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import ValidationError
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from backend.contract.inbox import EventKind, InboxScope
from backend.contract.webhooks import (
    MAX_ADDRESS,
    MAX_NAME,
    MAX_SECRET,
    MIN_SECRET,
    Webhook,
    WebhookChange,
    WebhookKind,
    WebhookWanted,
)
from desktop.ui.formatting import one_line, translate
from desktop.ui.pages.settings.section import row
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.layout import FlowLayout
from desktop.ui.widgets.text import Muted

Value = TypeVar("Value", WebhookKind, InboxScope)


class WebhookForm(QWidget):
    add_wanted, change_wanted = Signal(object), Signal(str, object)
    """A WebhookWanted; the webhook's id and a WebhookChange."""
    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._changed: Webhook | None = None  # what is changed; None: one is added
        self.name, self.address, self.secret = QLineEdit(), QLineEdit(), QLineEdit()
        self.kind = _choice({kind: kind_word(kind) for kind in WebhookKind})
        self.scope = _choice({scope: scope_word(scope) for scope in InboxScope})
        self.events = {kind: QCheckBox(_event_word(kind)) for kind in EventKind}
        self.save, self.cancel = QPushButton(), QPushButton(self.tr("Cancel"))
        self.message = Muted()
        self.message.setWordWrap(True)
        self._connect()
        self._lay_out()
        self.begin_new()

    def begin_new(self) -> None:
        """Empty all fields and choose what most people want."""
        self._begin(None)
        self.kind.setCurrentIndex(0)
        self.scope.setCurrentIndex(0)
        for box in self.events.values():
            box.setChecked(True)

    def begin_change(self, webhook: Webhook) -> None:
        """Show a webhook. Its address and secret are not known here, and stay unless others are entered."""
        self._begin(webhook)
        self.name.setText(webhook.name)
        self.kind.setCurrentIndex(self.kind.findData(webhook.kind))
        self.scope.setCurrentIndex(self.scope.findData(webhook.scope))
        for kind, box in self.events.items():
            box.setChecked(kind in webhook.events)

    def _begin(self, webhook: Webhook | None) -> None:
        self._changed = webhook
        for field, longest in ((self.name, MAX_NAME), (self.address, MAX_ADDRESS), (self.secret, MAX_SECRET)):
            field.clear()
            field.setMaxLength(longest)
        self.save.setText(self.tr("Save") if webhook else self.tr("Add"))
        self.address.setPlaceholderText(
            self.tr("Unchanged ({0})").format(one_line(webhook.place)) if webhook else "https://"
        )
        self._show_secret_hint()
        self.say("")

    def say(self, words: str) -> None:
        self.message.setText(words)
        self.message.setVisible(bool(words))

    def submit(self) -> None:
        """Emit what is wanted, or say which field has to be corrected."""
        self.say("")
        try:
            self._emit()
        except ValidationError as error:
            self._explain(str(error.errors(include_input=False)[0]["loc"][0]))

    def _emit(self) -> None:
        """Emit what the fields say.

        Raises:
            ValidationError: A field has to be corrected.
        """
        chosen = {
            "name": self.name.text(),
            "kind": self.kind.currentData(),
            "scope": self.scope.currentData(),
            "events": tuple(kind for kind, box in self.events.items() if box.isChecked()),
        }
        address, secret = self.address.text().strip(), self.secret.text()
        if self._changed is None:
            self.add_wanted.emit(WebhookWanted.model_validate({**chosen, "address": address, "secret": secret}))
        else:
            change = WebhookChange.model_validate({**chosen, "address": address or None, "secret": secret or None})
            self.change_wanted.emit(self._changed.id, change)

    def _explain(self, wrong: str) -> None:
        words, field = {
            "name": (self.tr("Give the webhook a name."), self.name),
            "events": (self.tr("Choose at least one kind of event."), next(iter(self.events.values()))),
            "secret": (
                self.tr("A secret has at least {0} letters, digits and signs of ASCII.").format(MIN_SECRET),
                self.secret,
            ),
        }.get(wrong, (self.tr("An address begins with https:// or http:// and has no password."), self.address))
        self.say(words)
        field.setFocus()

    def _show_secret_hint(self) -> None:
        made = self.kind.currentData() == WebhookKind.JSON
        if self._changed is not None:
            self.secret.setPlaceholderText(self.tr("Unchanged") if self._changed.signed else self.tr("None"))
            return
        self.secret.setPlaceholderText(self.tr("Made for you") if made else self.tr("Not needed"))

    def _connect(self) -> None:
        self.kind.currentIndexChanged.connect(self._show_secret_hint)
        self.save.clicked.connect(self.submit)
        self.cancel.clicked.connect(self.cancelled)
        for field in (self.name, self.address, self.secret):
            field.returnPressed.connect(self.submit)

    def _lay_out(self) -> None:
        form, events = QFormLayout(), QWidget()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        line = FlowLayout(events)
        for box in self.events.values():
            line.addWidget(box)
        for word, field in (
            (self.tr("Name"), self.name),
            (self.tr("Send to"), self.kind),
            (self.tr("Address"), self.address),
            (self.tr("What"), self.scope),
            (self.tr("Secret for signatures"), self.secret),
        ):
            field.setAccessibleName(word)
            form.addRow(word, field)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addLayout(form)
        column.addWidget(events)
        column.addWidget(self.message)
        column.addLayout(row(self.save, self.cancel, stretch=True))


def kind_word(kind: WebhookKind) -> str:
    return {
        WebhookKind.JSON: translate("settings", "Another program (JSON)"),
        WebhookKind.SLACK: translate("settings", "Slack"),
        WebhookKind.TEAMS: translate("settings", "Microsoft Teams"),
    }[kind]


def scope_word(scope: InboxScope) -> str:
    return {
        InboxScope.MINE: translate("settings", "What concerns you"),
        InboxScope.PC: translate("settings", "What concerns the PC that sends"),
        InboxScope.EXPLOITED: translate("settings", "All that is exploited"),
        InboxScope.EVERYTHING: translate("settings", "Everything"),
    }[scope]


def _event_word(kind: EventKind) -> str:
    return {
        EventKind.EXPLOITED: translate("settings", "Exploited"),
        EventKind.CRITICAL: translate("settings", "New and critical"),
        EventKind.EPSS_ROSE: translate("settings", "EPSS rose"),
        EventKind.FINDING: translate("settings", "Found on a PC"),
        EventKind.RESOLVED: translate("settings", "Fixed on a PC"),
        EventKind.DUE_SOON: translate("settings", "Due soon"),
    }[kind]


def _choice(words: Mapping[Value, str]) -> QComboBox:
    box = QComboBox()
    for value, word in words.items():
        box.addItem(word, value)
    return box
