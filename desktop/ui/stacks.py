"""The stacks in words for people."""

from __future__ import annotations

from pathlib import Path

from backend.contract.settings import Stack
from desktop.ui.formatting import plain, translate


def stack_title(stack: Stack) -> str:
    return {
        Stack.EMBEDDED: translate("stack", "Built in"),
        Stack.DOCKER: translate("stack", "Docker"),
        Stack.EXTERNAL: translate("stack", "Servers of your own"),
    }[stack]


def stack_meaning(stack: Stack) -> str:
    return {
        Stack.EMBEDDED: translate(
            "stack",
            "Everything is kept in files of the data folder. Needs nothing else; right for one computer.",
        ),
        Stack.DOCKER: translate(
            "stack", "PostgreSQL and Redis in containers that the program starts and stops. Needs Docker."
        ),
        Stack.EXTERNAL: translate(
            "stack",
            "PostgreSQL and Redis that a team runs. Set DATABASE_URL and REDIS_URL in the environment, or in the file "
            ".env of the data folder.",
        ),
    }[stack]


def stack_place(stack: Stack, home: Path) -> str:
    """Where its data are, to follow "stay"."""
    return {
        Stack.EMBEDDED: translate("stack", "in {0}").format(plain(str(home))),
        Stack.DOCKER: translate("stack", "in Docker's volumes"),
        Stack.EXTERNAL: translate("stack", "on your servers"),
    }[stack]
