"""For build.spec: modules and files to exclude, and the version information of the programs."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from ingredients import bundled_names, plain_name
from installer import NAME

from backend.contract.version import VERSION
from desktop.releases.publication import PUBLISHER

if TYPE_CHECKING:
    from PyInstaller.utils.win32.versioninfo import VSVersionInfo

TITLES = {NAME: NAME, "openthreat-cli": f"{NAME} on the command line"}

_UNWANTED = re.compile(
    r"""
      (^|/)PySide6/(Qt/)?translations/(?!qtbase_de\.)  # of Qt's dialogs, in the languages of the program's catalogues
    | (^|/)PySide6/(Qt/)?plugins/(
          platforms/(?!.*(qwindows|qxcb|qwayland|qoffscreen|qminimal)) | (?!platforms|imageformats|iconengines|styles
          | printsupport | xcbglintegrations | wayland|platforminputcontexts|platformthemes|egldeviceintegrations ) )
    | imageformats/.*(qgif|qicns|qjpeg|qtga|qtiff|qwbmp|qwebp|qpdf)
    | (^|/)(lib)?Qt6(Qml|Quick|Pdf|VirtualKeyboard|OpenGL|Network|ShaderTools)[^/]*$
    | opengl32sw\.dll$
    | (^|/)_?(tcl|tk)(inter|[0-9]|/)
    | qtawesome/fonts/(?!materialdesignicons6)        # the only font that desktop/ui/theme/icons.py loads
    | /tests?/
    """,
    re.VERBOSE,
)


def build_tools() -> list[str]:
    """List modules that are installed for building only: PyInstaller must not bundle optional imports of them."""
    names = bundled_names(Path(__file__).resolve().parents[1] / "requirements.txt") | {"openthreat-desktop"}
    return sorted(
        module
        for module, packages in metadata.packages_distributions().items()
        if module.isidentifier() and not names.intersection(map(plain_name, packages))
    )


def unwanted_file(path: str) -> bool:
    """Whether to exclude a file; `path` is relative to the frozen folder."""
    return bool(_UNWANTED.search(path.replace("\\", "/")))


def version_resource(name: str) -> VSVersionInfo:
    """Return the version information that Windows shows under Properties > Details."""
    from PyInstaller.utils.win32 import versioninfo

    numbers = tuple(int(part) for part in VERSION.split("."))
    four = (*numbers, *(0,) * (4 - len(numbers)))
    strings = {
        "CompanyName": PUBLISHER,
        "FileDescription": TITLES[name],
        "FileVersion": VERSION,
        "InternalName": name,
        "LegalCopyright": "Apache License 2.0",
        "OriginalFilename": f"{name}.exe",
        "ProductName": NAME,
        "ProductVersion": VERSION,
    }
    table = versioninfo.StringTable(
        "040904B0", [versioninfo.StringStruct(key, value) for key, value in strings.items()]
    )
    return versioninfo.VSVersionInfo(
        ffi=versioninfo.FixedFileInfo(filevers=four, prodvers=four),
        kids=[
            versioninfo.StringFileInfo([table]),
            versioninfo.VarFileInfo([versioninfo.VarStruct("Translation", [0x0409, 1200])]),
        ],
    )
