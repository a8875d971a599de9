"""All messages, whose validators the program only builds when it uses them."""

from __future__ import annotations

import importlib
import pkgutil

import backend.contract
from backend.contract.wire import Wire


def test_the_validator_of_every_message_can_be_built() -> None:
    for module in pkgutil.iter_modules(backend.contract.__path__, "backend.contract."):
        importlib.import_module(module.name)
    messages, waiting = set(), [Wire]
    while waiting:
        subclasses = set(waiting.pop().__subclasses__())
        messages |= subclasses
        waiting += subclasses
    assert len(messages) > 50
    for message in messages:
        message.model_rebuild()
        assert message.__pydantic_complete__, message
