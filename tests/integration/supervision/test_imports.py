"""The desktop starts without what only the backend needs: each of these costs memory and a quarter of a second."""

import subprocess
import sys

import pytest

from tests.integration.supervision.children import ROOT

HEAVY = ("requests", "fastapi", "sqlalchemy", "celery", "kombu", "alembic", "uvicorn")


@pytest.mark.parametrize("module", ["desktop.composition.services", "desktop.composition.tray", "desktop.__main__"])
def test_the_desktop_imports_neither_fastapi_nor_sqlalchemy_nor_celery(module: str) -> None:
    script = f"import sys, {module}; print(*sorted(set(sys.modules) & set({HEAVY!r})))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == ""


def test_only_the_role_module_reaches_for_the_backend_itself() -> None:
    script = (
        "import sys, desktop.composition.services;print(*(name for name in sys.modules if name.startswith('backend.')))"
    )
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert loaded.stdout
    assert {name.split(".")[1] for name in loaded.stdout.split()} == {"client", "contract", "system"}


def test_the_platform_is_asked_in_one_module() -> None:
    asking = [path for path in (ROOT / "desktop").rglob("*.py") if "sys.platform" in path.read_text(encoding="utf-8")]
    assert asking == [ROOT / "desktop" / "host" / "__init__.py"]
