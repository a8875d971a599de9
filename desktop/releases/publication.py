"""The build settings of a release: who publishes the program, and where. resources/releasing.md says how to set them.

A build without an address of the manifest has no check for new versions. Only the standard library is imported, because
the scripts that build the program run without packages.
"""

from __future__ import annotations

from dataclasses import dataclass

PUBLISHER = "OpenThreat"
"""As Windows shows it: in the list of installed programs, among the details of the .exe files, and in winget."""


@dataclass(frozen=True)
class ManifestAddress:
    """Where the program asks for new versions, and whose signature it accepts.

    Attributes:
        url: Address of the signed manifest of the newest version.
        key: Ed25519 public key, hexadecimal, as `resources/sign_release.py keys` prints it.
    """

    url: str
    key: str


@dataclass(frozen=True)
class Publication:
    """Where releases are published. In `page` and `files`, `{version}` stands for the version.

    Attributes:
        winget_id: The package's identifier in winget, such as `OpenThreat.Desktop`.
        page: Web page of a version, with its notes and downloads.
        files: Folder of a version's files on the web.
        manifest: None: the program does not check for new versions.
    """

    winget_id: str
    page: str
    files: str
    manifest: ManifestAddress | None = None

    def page_of(self, version: str) -> str:
        return self.page.replace("{version}", version)

    def address_of(self, name: str, version: str) -> str:
        """Return the address of a version's file."""
        return f"{self.files.replace('{version}', version)}/{name}"


PUBLICATION: Publication | None = None
