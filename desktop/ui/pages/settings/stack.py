"""The choice of the stack. Switching is confirmed first, with what happens to the data."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QRadioButton

from backend.contract.settings import DockerSettings, StackKind, UserSettings
from desktop.state.app_state import AppState
from desktop.ui.formatting import translate
from desktop.ui.page_context import PageContext
from desktop.ui.pages.settings.section import Saver, SettingsSection
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.layout import Card, Option
from desktop.ui.widgets.stack_choice import DockerStatus, stack_meaning, stack_place, stack_title
from desktop.ui.widgets.text import Muted, Plain


class SwitchConfirmation(Card):
    """Asks in place whether to switch to another stack; hidden otherwise."""

    agreed = Signal(str)
    """The StackKind to switch to."""
    declined = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.proposed: StackKind | None = None
        self._words = Plain()
        self._words.setWordWrap(True)
        self.agree, self.decline = QPushButton(), QPushButton(self.tr("Cancel"))
        self.agree.clicked.connect(self._agree)
        self.decline.clicked.connect(self._decline)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        buttons.addWidget(self.agree)
        buttons.addWidget(self.decline)
        buttons.addStretch(1)
        self.body.addWidget(self._words)
        self.body.addLayout(buttons)
        self.setVisible(False)

    def ask(self, current: StackKind, wanted: StackKind, home: Path) -> None:
        self.proposed = wanted
        data_stay = self.tr("The current data stay {0} and are used again when you switch back.")
        other_data = self.tr("The other database has its own data. If it is empty, the first update fills it.")
        restarts = self.tr("All services restart. A running update continues when you switch back.")
        self._words.setText("\n".join((data_stay.format(stack_place(current, home)), other_data, restarts)))
        self.agree.setText(self.tr("Switch to: {0}").format(stack_title(wanted)))
        self.setVisible(True)

    def withdraw(self) -> None:
        self.proposed = None
        self.setVisible(False)

    def _agree(self) -> None:
        wanted = self.proposed
        self.withdraw()
        if wanted is not None:
            self.agreed.emit(wanted)

    def _decline(self) -> None:
        self.withdraw()
        self.declined.emit()


class StackSection(SettingsSection):
    def __init__(self, context: PageContext, saver: Saver) -> None:
        super().__init__(saver, translate("settings", "Database"))
        self._context = context
        self._choices = {stack: QRadioButton(stack_title(stack)) for stack in StackKind}
        self._group, self.question, self.docker = QButtonGroup(self), SwitchConfirmation(), DockerStatus(context)
        self._fixed = self.add_remark(
            self.tr("Set by the environment (OPENTHREAT_STACK, DATABASE_URL or REDIS_URL). Change it there.")
        )
        for stack, choice in self._choices.items():
            self._add_choice(stack, choice)
        self.add_switch(
            self.tr("Stop the Docker containers when OpenThreat quits"),
            lambda settings: settings.docker.stop_containers,
            lambda settings, on: settings.model_copy(update={"docker": DockerSettings(stop_containers=on)}),
        )
        self._group.buttonClicked.connect(self._clicked)
        self.question.agreed.connect(self._switch)
        self.question.declined.connect(lambda: self.show_state(context.state))

    def show_state(self, state: AppState) -> None:
        fixed = self._context.actions.stack_is_fixed
        self._fixed.setVisible(fixed)
        for stack, choice in self._choices.items():
            choice.setEnabled(not fixed and (stack is not StackKind.EXTERNAL or state.stack is StackKind.EXTERNAL))
        self.show_settings(self.saver.settings)

    def show_settings(self, settings: UserSettings) -> None:
        """Set the controls, except while a switch is waiting for confirmation."""
        super().show_settings(settings)
        if not self.question.proposed:
            current = self._context.state.stack
            chosen = current if self._context.actions.stack_is_fixed else settings.stack or current
            self._choices[chosen].setChecked(True)

    def propose(self, stack: StackKind) -> None:
        """Act as if the user had clicked the stack; has no effect if it cannot be chosen."""
        self._choices[stack].click()

    def choice(self, stack: StackKind) -> QRadioButton:
        return self._choices[stack]

    def _add_choice(self, stack: StackKind, choice: QRadioButton) -> None:
        self._group.addButton(choice)
        meaning = Muted(stack_meaning(stack))
        meaning.setWordWrap(True)
        self.body.addWidget(Option(choice, meaning, *((self.docker,) if stack is StackKind.DOCKER else ())))
        if stack is StackKind.EXTERNAL:
            self.body.addWidget(self.question)

    def _clicked(self) -> None:
        wanted = next(stack for stack, choice in self._choices.items() if choice.isChecked())
        if wanted is self._context.state.stack:
            self.question.withdraw()
        else:
            self.question.ask(self._context.state.stack, wanted, self._context.actions.home)

    def _switch(self, wanted: str) -> None:
        stack = StackKind(wanted)

        def edit(settings: UserSettings) -> UserSettings:
            return settings.model_copy(update={"stack": stack})

        self.change(edit)
