"""Who decided what on a finding, and when: in a team, others do too."""

from __future__ import annotations

from collections.abc import Sequence

from backend.contract.access import Actor
from backend.contract.exposure import Finding, FindingDetails, FindingEvent, FindingState
from backend.contract.problems import Problem
from desktop.ui.formatting import actor_words, one_line, timestamp, translate
from desktop.ui.page_context import PageContext
from desktop.ui.widgets.text import Muted

_MOST_SHOWN = 5
"""Decisions, the newest ones."""


class FindingHistory(Muted):
    """Lists the decisions on one finding, the newest first; hidden where there is none."""

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context, self._shown = context, 0
        self.setWordWrap(True)
        self.setVisible(False)

    def show_finding(self, finding: Finding | None) -> None:
        """Show the decisions on a finding; what is shown of the same one stays until the answer is there."""
        number = finding.id if finding else 0
        if number != self._shown:
            self._say("")
        self._shown = number
        if number:
            self._context.ask(lambda client: client.finding(number), self._take, self._failed, owner=self)

    def _take(self, found: FindingDetails) -> None:
        if found.id == self._shown:
            self._say("\n".join(history_lines(found.history)))

    def _failed(self, _problem: Problem) -> None:
        """The page says why the API does not answer; what is old is not shown as if it were new."""
        self._say("")

    def _say(self, words: str) -> None:
        self.setText(words)
        self.setVisible(bool(words))


def history_lines(history: Sequence[FindingEvent]) -> list[str]:
    """Each decision of a person as one line, the newest first."""
    decided = [_line(event, event.by) for event in reversed(history) if event.by is not None]
    return decided[:_MOST_SHOWN]


def _line(event: FindingEvent, by: Actor) -> str:
    words = {
        FindingState.OPEN: translate("this pc", "{0} opened again by {1}"),
        FindingState.ACKNOWLEDGED: translate("this pc", "{0} acknowledged by {1}"),
        FindingState.IGNORED: translate("this pc", "{0} ignored by {1}"),
        FindingState.RESOLVED: translate("this pc", "{0} resolved by {1}"),
    }[event.state]
    text = words.format(timestamp(event.changed_at), actor_words(by))
    return f"{text}: {one_line(event.note)}" if event.note else text
