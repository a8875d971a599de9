"""What build.spec needs to know beyond PyInstaller's own hooks: what to leave out, and what Windows tells of us."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from ingredients import bundled_names, plain_name

from backend.contract.version import VERSION

if TYPE_CHECKING:
    from PyInstaller.utils.win32.versioninfo import VSVersionInfo

TITLES = {"OpenThreat": "OpenThreat", "openthreat-cli": "OpenThreat on the command line"}

_UNWANTED = re.compile(
    r"""
      (^|/)PySide6/(Qt/)?translations/                # our own catalogue brings what we say; Qt's dialogs stay English
    | (^|/)PySide6/(Qt/)?plugins/(
          platforms/(?!.*(qwindows|qxcb|qwayland|qoffscreen|qminimal)) | (?!platforms|imageformats|iconengines|styles
          | xcbglintegrations | wayland|platforminputcontexts|platformthemes|egldeviceintegrations ) )
    | imageformats/.*(qgif|qicns|qjpeg|qtga|qtiff|qwbmp|qwebp|qpdf)
    | (^|/)(lib)?Qt6(Qml|Quick|Pdf|VirtualKeyboard|OpenGL|Network|ShaderTools)[^/]*$
    | opengl32sw\.dll$
    | (^|/)_?(tcl|tk)(inter|[0-9]|/)
    | qtawesome/fonts/(?!materialdesignicons6)        # desktop/ui/theme/icons.py loads no other
    | /tests?/
    """,
    re.VERBOSE,
)


def build_tools() -> list[str]:
    """Modules that are installed to build the program and not to run it: what finds one of them does without."""
    names = bundled_names(Path(__file__).resolve().parents[1] / "requirements.txt") | {"openthreat-desktop"}
    return sorted(
        module
        for module, packages in metadata.packages_distributions().items()
        if module.isidentifier() and not names.intersection(map(plain_name, packages))
    )


def unwanted_file(place: str) -> bool:
    """place: in the frozen folder."""
    return bool(_UNWANTED.search(place.replace("\\", "/")))


def version_resource(name: str) -> VSVersionInfo:
    """What Windows shows under Properties > Details of the program's file."""
    from PyInstaller.utils.win32 import versioninfo as made

    numbers = tuple(int(part) for part in VERSION.split("."))
    four = (*numbers, *(0,) * (4 - len(numbers)))
    words = {
        "CompanyName": "OpenThreat",
        "FileDescription": TITLES[name],
        "FileVersion": VERSION,
        "InternalName": name,
        "LegalCopyright": "Apache License 2.0",
        "OriginalFilename": f"{name}.exe",
        "ProductName": "OpenThreat",
        "ProductVersion": VERSION,
    }
    table = made.StringTable("040904B0", [made.StringStruct(key, value) for key, value in words.items()])
    return made.VSVersionInfo(
        ffi=made.FixedFileInfo(filevers=four, prodvers=four),
        kids=[made.StringFileInfo([table]), made.VarFileInfo([made.VarStruct("Translation", [0x0409, 1200])])],
    )
