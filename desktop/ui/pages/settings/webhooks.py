"""Webhooks: their list with the state of each, and a form to add or change one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from backend.client.api import ApiClient
from backend.contract.problems import Problem
from backend.contract.webhooks import (
    Webhook,
    WebhookChange,
    WebhookList,
    WebhookSaved,
    WebhookState,
    WebhookTested,
    WebhookWanted,
)
from desktop.state.app_state import AppState
from desktop.ui.formatting import ago, one_line, translate
from desktop.ui.page_context import PageContext
from desktop.ui.pages.settings.section import Saver, SettingsSection, row
from desktop.ui.pages.settings.webhook_form import WebhookForm, kind_word, scope_word
from desktop.ui.sentences import translated
from desktop.ui.theme.tokens import Space, Tone
from desktop.ui.widgets.badge import Badge
from desktop.ui.widgets.layout import FlowLayout
from desktop.ui.widgets.looks import Look, ok_look
from desktop.ui.widgets.text import Muted, Plain, When


class WebhookRow(QWidget):
    """One webhook: its name and state, what goes where, and what can be done with it."""

    change_wanted, test_wanted, removal_wanted = Signal(object), Signal(str), Signal(str)
    """The Webhook; the webhook's id."""

    def __init__(self, webhook: Webhook, own: str) -> None:
        """own: the id of this PC."""
        super().__init__()
        self._webhook = webhook
        self.name, self.badge, self.sent = Plain("", bold=True), Badge(), When(_sent_words)
        self.facts, self.message = Muted(), Muted()
        self.change, self.test = QPushButton(self.tr("Edit…")), QPushButton(self.tr("Test"))
        self.remove = QPushButton(self.tr("Remove"))
        self.change.clicked.connect(lambda: self.change_wanted.emit(self._webhook))
        self.test.clicked.connect(lambda: self.test_wanted.emit(webhook.id))
        self.remove.clicked.connect(lambda: self.removal_wanted.emit(webhook.id))
        self._lay_out()
        self.show_webhook(webhook, own)

    def show_webhook(self, webhook: Webhook, own: str) -> None:
        """own: the id of this PC; the name of the PC that sends is shown for the others."""
        self._webhook, name = webhook, one_line(webhook.name)
        self.name.setText(name)
        self.change.setAccessibleName(self.tr("Edit {0}").format(name))
        self.test.setAccessibleName(self.tr("Test {0}").format(name))
        self.remove.setAccessibleName(self.tr("Remove {0}").format(name))
        self.badge.show_look(_look(webhook.state))
        facts = [kind_word(webhook.kind), one_line(webhook.place), scope_word(webhook.scope)]
        if webhook.holder and webhook.holder_id != own:
            facts.append(self.tr("Sent by {0}").format(one_line(webhook.holder)))
        self.facts.setText(" · ".join(facts))
        self.sent.show_moment(webhook.last_success_at, self.tr("Nothing sent yet"))
        self.say(translated(webhook.error))

    def say(self, words: str) -> None:
        self.message.setText(words)
        self.message.setVisible(bool(words))

    def _lay_out(self) -> None:
        head = QWidget()
        line = FlowLayout(head)
        parts: tuple[QWidget, ...] = (self.name, self.badge, self.sent)
        for part in parts:
            line.addWidget(part)
        for text in (self.facts, self.message):
            text.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, Space.XS, 0, Space.XS)
        column.setSpacing(Space.XS)
        column.addWidget(head)
        for text in (self.facts, self.message):
            column.addWidget(text)
        column.addLayout(row(self.change, self.test, self.remove, stretch=True))


class WebhooksSection(SettingsSection):
    failed = Signal(object)
    """A Problem."""
    done = Signal(str)
    """What was done, as a sentence."""

    def __init__(self, context: PageContext, saver: Saver) -> None:
        super().__init__(saver, translate("settings", "Webhooks"))
        self._context = context
        self.rows: dict[str, WebhookRow] = {}
        self.add_remark(
            self.tr(
                "Send what is new to Slack, Microsoft Teams or another program. Messages name the programs and PCs that"
                " are affected. Without a webhook, nothing is sent."
            )
        )
        self._list, self.form = QVBoxLayout(), WebhookForm()
        self.add, self.secret, self.copy = QPushButton(self.tr("Add a webhook…")), QLineEdit(), QPushButton()
        self.body.addLayout(self._list)
        self.body.addLayout(row(self.add, stretch=True))
        self.body.addWidget(self.form)
        self._add_secret()
        self._connect()
        self._show_form(visible=False)

    def show_state(self, state: AppState) -> None:
        self.add.setEnabled(state.snapshot is not None)
        if state.snapshot is not None:
            self.show_webhooks(state.snapshot.webhooks)

    def show_webhooks(self, webhooks: Sequence[Webhook]) -> None:
        """Show these webhooks; the rows of those that are shown already stay."""
        known = {webhook.id for webhook in webhooks}
        for gone in self.rows.keys() - known:
            self.rows.pop(gone).deleteLater()
        for webhook in webhooks:
            if (shown := self.rows.get(webhook.id)) is None:
                self._add_row(webhook)
            else:
                shown.show_webhook(webhook, self._own)

    @property
    def _own(self) -> str:
        return self._context.state.scan.machine

    def _add_row(self, webhook: Webhook) -> None:
        shown = self.rows[webhook.id] = WebhookRow(webhook, self._own)
        shown.change_wanted.connect(self._open_form)
        shown.test_wanted.connect(self._test)
        shown.removal_wanted.connect(self._remove)
        self._list.addWidget(shown)

    def _add_webhook(self, wanted: WebhookWanted) -> None:
        self._save(lambda client: client.add_webhook(wanted))

    def _change_webhook(self, webhook_id: str, change: WebhookChange) -> None:
        self._save(lambda client: client.change_webhook(webhook_id, change))

    def _save(self, save: Callable[[ApiClient], WebhookSaved]) -> None:
        self.form.setEnabled(False)
        self._context.ask(save, self._saved, self._refused, owner=self)

    def _saved(self, saved: WebhookSaved) -> None:
        self.form.setEnabled(True)
        self._show_form(visible=False)
        self.secret.setText(saved.secret)
        self._secret_box.setVisible(bool(saved.secret))
        name = one_line(saved.webhook.name)
        if (shown := self.rows.get(saved.webhook.id)) is None:
            self._add_row(saved.webhook)
            self.done.emit(self.tr("{0} gets what happens from now on").format(name))
        else:
            shown.show_webhook(saved.webhook, self._own)
            self.done.emit(self.tr("{0} was changed").format(name))

    def _test(self, webhook_id: str) -> None:
        shown = self.rows[webhook_id]
        shown.test.setEnabled(False)
        shown.say(self.tr("Sending a test message…"))

        def tested(answer: WebhookTested) -> None:
            shown.test.setEnabled(True)
            accepted = self.tr("The receiver accepted the test message.")
            shown.say(accepted if answer.delivered else translated(answer.message))

        def failed(problem: Problem) -> None:
            shown.test.setEnabled(True)
            shown.say("")
            self.failed.emit(problem)

        self._context.ask(lambda client: client.test_webhook(webhook_id), tested, failed, owner=shown)

    def _remove(self, webhook_id: str) -> None:
        def removed(left: WebhookList) -> None:
            self.show_webhooks(left.items)
            self.done.emit(self.tr("Webhook removed"))

        self._context.ask(lambda client: client.remove_webhook(webhook_id), removed, self._refused, owner=self)

    def _refused(self, problem: Problem) -> None:
        self.form.setEnabled(True)
        self.failed.emit(problem)

    def _open_form(self, webhook: Webhook | None = None) -> None:
        """Open the form to change a webhook, or to add one."""
        self._secret_box.setVisible(False)
        if webhook is None:
            self.form.begin_new()
        else:
            self.form.begin_change(webhook)
        self._show_form(visible=True)
        self.form.name.setFocus()

    def _show_form(self, *, visible: bool) -> None:
        self.form.setVisible(visible)
        self.add.setVisible(not visible)

    def _add_secret(self) -> None:
        """Add the field in which a new secret is shown until the next one."""
        self._secret_box = QWidget()
        self.secret.setReadOnly(True)
        self.secret.setAccessibleName(self.tr("Secret of the new webhook"))
        self.copy.setText(self.tr("Copy"))
        hint = Muted(self.tr("The receiver checks signatures with this secret. It is not shown again."))
        hint.setWordWrap(True)
        column = QVBoxLayout(self._secret_box)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(hint)
        column.addLayout(row(self.secret, self.copy))
        self._secret_box.setVisible(False)
        self.body.addWidget(self._secret_box)

    def _connect(self) -> None:
        self.add.clicked.connect(lambda: self._open_form())
        self.form.add_wanted.connect(self._add_webhook)
        self.form.change_wanted.connect(self._change_webhook)
        self.form.cancelled.connect(lambda: self._show_form(visible=False))
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.secret.text()))


def _look(state: WebhookState) -> Look:
    return {
        WebhookState.OK: ok_look(),
        WebhookState.RETRYING: Look("alert", translate("state", "Tries again"), Tone.WARNING),
        WebhookState.FAILING: Look("close-circle", translate("state", "Failing"), Tone.BAD),
    }[state]


def _sent_words(moment: datetime, now: datetime) -> str:
    return translate("settings", "Last sent {0}").format(ago(moment, now))
