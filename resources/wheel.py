"""Puts docker-compose.yml, which a checkout has at the top, among the assets of a wheel."""

from pathlib import Path

from setuptools.command.build_py import build_py

COMPOSE_FILE = "docker-compose.yml"


class BuildWithComposeFile(build_py):  # type: ignore[misc] # setuptools has no types
    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            self.copy_file(COMPOSE_FILE, str(self._target()))

    def get_source_files(self) -> list[str]:
        return [*super().get_source_files(), COMPOSE_FILE, "resources/wheel.py"]  # for the source archive

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        return [*super().get_outputs(include_bytecode), str(self._target())]

    def _target(self) -> Path:
        return Path(self.build_lib, "desktop", "assets", COMPOSE_FILE)
