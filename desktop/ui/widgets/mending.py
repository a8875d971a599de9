"""A trouble whose buttons work: what they promise is done, and where that fails, said in the same place."""

from __future__ import annotations

from dataclasses import replace

from backend.contract.problems import Remedy, Trouble
from desktop.ui.page_context import Desk
from desktop.ui.remedies import carry_out
from desktop.ui.theme.tokens import Tone
from desktop.ui.widgets.banner import Banner


class MendingBanner(Banner):
    """A failed remedy is told until the trouble that it was for is another one."""

    def __init__(self, desk: Desk, tone: Tone = Tone.WARNING) -> None:
        super().__init__(tone)
        self._desk, self._usual = desk, tone
        self._cause: Trouble | None = None
        self._failed = False
        self._service = ""
        self.remedied.connect(self._mend)

    def tell_of(self, trouble: Trouble | None, service: str = "") -> None:
        """service: whose trouble it is, where it is one's."""
        if self._failed and trouble == self._cause:
            return
        self._cause, self._service, self._failed = trouble, service, False
        self.tell(trouble, self._usual)

    def _mend(self, remedy: str) -> None:
        carry_out(Remedy(remedy), self._desk, self._not_mended, owner=self, service=self._service)

    def _not_mended(self, trouble: Trouble) -> None:
        """What else may help stays on offer."""
        others = self._cause.remedies if self._cause else ()
        self._failed = True
        self.tell(replace(trouble, remedies=tuple(dict.fromkeys((*trouble.remedies, *others)))), Tone.BAD)
