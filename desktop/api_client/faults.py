"""Why the API gave no answer that can be used."""

from __future__ import annotations

from backend.contract.errors import ErrorFields
from backend.contract.problems import Trouble


class ApiError(Exception):
    """No answer that can be used; the text says why."""

    @property
    def trouble(self) -> Trouble:
        return Trouble("The program's own API is not answering", self._sentence, "If need be it is started again.")

    @property
    def _sentence(self) -> str:
        text = str(self)
        return f"{text[:1].upper()}{text[1:]}."


class ApiAbsent(ApiError):  # noqa: N818 - names a state
    """Nobody listens there."""


class ApiSilent(ApiError):  # noqa: N818
    """Somebody listens, and does not answer in time."""


class ApiNonsense(ApiError):  # noqa: N818
    """The answer is not one that our API gives."""


class ApiRefused(ApiError):  # noqa: N818
    """Our API answered that it cannot do it now, or that it must not be done so."""

    def __init__(self, status: int, said: ErrorFields | None = None) -> None:
        super().__init__(str(said) if said else f"it answers with status {status}")
        self.status, self._said = status, said

    @property
    def trouble(self) -> Trouble:
        if self._said is None:
            return Trouble("The request was refused", self._sentence)
        return Trouble(self._said.title, self._said.message, self._said.hint)
