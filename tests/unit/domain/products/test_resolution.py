from __future__ import annotations

import pytest

from backend.contract.inventory import Confidence, EntryKind, ResolvedBy, SoftwareEntry
from backend.domain.products.product import ProductKey, Resolution, UnknownReason
from backend.domain.products.resolution import DecisionKey, resolve
from tests.unit.domain.products.known_products import KnownProducts

NOTHING = KnownProducts()


def resolved(**entry: str) -> Resolution:
    return resolve(SoftwareEntry(**entry), KnownProducts("acme:editor", "mozilla:firefox"), {})


def test_a_curated_line_is_certain() -> None:
    resolution = resolved(name="Mozilla Firefox (x64 en-US)", publisher="Mozilla", version="115.0")
    assert (resolution.confidence, resolution.by) == (Confidence.CERTAIN, ResolvedBy.RULE)
    assert [str(key) for key in resolution.keys] == ["mozilla:firefox"]
    assert resolution.version == "115.0"


def test_a_name_that_agrees_with_the_records_is_likely() -> None:
    resolution = resolved(name="Acme Editor 3.2", publisher="Acme", version="3.2.1")
    assert (resolution.confidence, resolution.by, resolution.version) == (Confidence.LIKELY, ResolvedBy.NAME, "3.2.1")


def test_the_successor_of_a_program_is_not_the_program() -> None:
    assert not resolved(name="Acme Editor 2", publisher="Acme", version="1.0").keys
    assert resolved(name="Acme Editor 2", publisher="Acme", version="2.1").keys


def test_the_users_decision_goes_before_all_and_holds_for_all_versions() -> None:
    decisions = {
        DecisionKey.of("Mozilla Firefox 100.0 (x64 de)", "Mozilla Corporation"): ProductKey.of("acme", "editor")
    }
    entry = SoftwareEntry(
        name="Mozilla Firefox 115.0 (x64 en-US)", publisher="Mozilla", cpe="cpe:2.3:a:x:y:1:*:*:*:*:*:*:*"
    )
    resolution = resolve(entry, NOTHING, decisions)
    assert (resolution.by, str(resolution.keys[0])) == (ResolvedBy.USER, "acme:editor")


def test_the_user_may_say_that_it_is_none_of_the_known_products() -> None:
    decisions = {DecisionKey.of("Acme Editor", "Acme"): None}
    resolution = resolve(SoftwareEntry(name="Acme Editor", publisher="Acme"), KnownProducts("acme:editor"), decisions)
    assert (resolution.keys, resolution.reason) == ((), UnknownReason.DECIDED)


@pytest.mark.parametrize(
    "cpe", ["cpe:2.3:a:microsoft:edge_chromium:105.0:*:*:*:*:*:*:*", "cpe:/a:microsoft:edge_chromium:105.0"]
)
def test_a_cpe_name_goes_before_the_name_and_brings_the_curated_siblings(cpe: str) -> None:
    resolution = resolved(name="Acme Editor", publisher="Acme", version="105.0", cpe=cpe)
    assert resolution.by == ResolvedBy.CPE
    assert [str(key) for key in resolution.keys][:2] == [
        "microsoft:edge_chromium",
        "microsoft:microsoft_edge_(chromium-based)",
    ]


@pytest.mark.parametrize("cpe", ["nonsense", "cpe:2.3:a", "cpe:2.3:a:*:-:1", "cpe:/", "cpe:2.3:" + ":" * 900])
def test_a_cpe_name_that_names_nothing_is_passed_over(cpe: str) -> None:
    assert resolved(name="Acme Editor", publisher="Acme", cpe=cpe).by == ResolvedBy.NAME


@pytest.mark.parametrize(
    ("cpe", "stated", "compared"),
    [
        ("cpe:2.3:a:acme:editor:1.2:update3:*:*:*:*:*:*", "", "1.2 update3"),
        ("cpe:/a:acme:editor:1.2", "", "1.2"),
        ("cpe:2.3:a:acme:editor:*:*:*:*:*:*:*:*", "", ""),
        ("cpe:2.3:a:acme:editor:-:*:*:*:*:*:*:*", "", ""),
        ("cpe:2.3:a:acme:editor:1.2 3", "", ""),
        ("cpe:2.3:a:acme:editor:1.2:*:*:*:*:*:*:*", "1.4", "1.4"),
    ],
)
def test_the_version_of_a_cpe_name_is_that_of_an_entry_without_one(cpe: str, stated: str, compared: str) -> None:
    assert resolved(name="Acme Editor", version=stated, cpe=cpe).version == compared


def test_a_package_url_finds_the_products_that_records_name_with_it() -> None:
    known = KnownProducts("x:some-tool", packages={"pkg:pypi/some-tool": "acme:some_tool"})
    entry = SoftwareEntry(name="some-tool", purl="pkg:pypi/some-tool@2.25.1", kind=EntryKind.PACKAGE)
    resolution = resolve(entry, known, {})
    assert (resolution.by, resolution.version, resolution.scheme) == (ResolvedBy.PURL, "2.25.1", "pypi")
    assert [str(key) for key in resolution.keys] == ["acme:some_tool"]


def test_a_well_known_package_has_the_keys_that_nvd_names_it_by() -> None:
    known = KnownProducts(packages={"pkg:pypi/pillow": "python-pillow:pillow_package"})
    entry = SoftwareEntry(name="Pillow", purl="pkg:pypi/Pillow@9.0.1", kind=EntryKind.LIBRARY)
    keys = [str(key) for key in resolve(entry, known, {}).keys]
    assert keys == ["python:pillow", "python-pillow:pillow", "python-pillow:pillow_package"]


def test_a_package_that_no_record_names_is_not_looked_for_among_programs() -> None:
    known = KnownProducts("editor:editor")
    for purl in ("pkg:npm/editor@1.0", "no package url", ""):
        resolution = resolve(SoftwareEntry(name="editor", purl=purl, kind=EntryKind.PACKAGE), known, {})
        assert (resolution.keys, resolution.reason) == ((), UnknownReason.NO_RECORDS)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("Microsoft Visual C++ 2015-2022 Redistributable (x64) - 14.38.33135", "redistributable"),
        ("Update for Microsoft Visual Studio 2015 (KB3095681)", "update"),
        ("Python 3.10.6 Standard Library (64-bit)", "component"),
    ],
)
def test_parts_are_no_product_and_say_what_they_are(name: str, part: str) -> None:
    resolution = resolve(SoftwareEntry(name=name), KnownProducts("microsoft:visual_c++"), {})
    assert (resolution.keys, resolution.reason, resolution.part) == ((), UnknownReason.PART, part)


def test_a_windows_update_is_no_product() -> None:
    assert resolved(name="KB5031356", kind=EntryKind.WINDOWS_UPDATE).reason == UnknownReason.PART


@pytest.mark.parametrize(
    ("name", "publisher", "key"),
    [
        ("Microsoft Edge", "Microsoft Corporation", "microsoft:edge_chromium"),
        ("Docker Desktop", "Docker Inc.", "docker:desktop"),
        ("Mattermost", "Mattermost, Inc.", "mattermost:mattermost_desktop"),
        ("Microsoft.WindowsNotepad", "", "microsoft:windows_notepad"),
        ("mRemoteNG", "Next Generation Software", "mremoteng:mremoteng"),
        ("Microsoft Silverlight", "Microsoft Corporation", "microsoft:silverlight"),
        ("WinSCP 5.17.7", "Martin Prikryl", "winscp:winscp"),
    ],
)
def test_names_that_others_get_wrong(name: str, publisher: str, key: str) -> None:
    assert str(resolve(SoftwareEntry(name=name, publisher=publisher), NOTHING, {}).keys[0]) == key


def test_spellings_with_a_state_of_maintenance_belong_to_a_certain_product() -> None:
    known = KnownProducts(
        "microsoft:microsoft_sql_server_2019_(cu_28)", "microsoft:sql_server_2022", "other:microsoft_sql_server_2019"
    )
    entry = SoftwareEntry(
        name="Microsoft SQL Server 2019 (64-bit)", publisher="Microsoft Corporation", version="15.0.2000.5"
    )
    keys = [str(key) for key in resolve(entry, known, {}).keys]
    assert keys[0] == "microsoft:sql_server_2019"
    assert "microsoft:microsoft_sql_server_2019_(cu_28)" in keys
    assert "other:microsoft_sql_server_2019" not in keys


def test_spellings_by_the_same_vendor_in_other_words_belong_to_a_certain_product() -> None:
    known = KnownProducts("oracle_corporation:oracle_vm_virtualbox", "acme:vm_virtualbox", "microsoft:outlook")
    entry = SoftwareEntry(name="Oracle VM VirtualBox 6.1.38", publisher="Oracle Corporation")
    keys = [str(key) for key in resolve(entry, known, {}).keys]
    assert "oracle_corporation:oracle_vm_virtualbox" in keys
    assert "acme:vm_virtualbox" not in keys
    outlook = resolve(SoftwareEntry(name="Microsoft.OutlookForWindows"), known, {})
    assert [str(key) for key in outlook.keys] == ["microsoft:outlook_for_windows"]


def test_other_branches_of_the_installed_version_are_no_keys() -> None:
    runtime = "Microsoft .NET Runtime - {} (x64)"
    keys = {str(key) for key in resolved(name=runtime.format("6.0.20"), publisher="Microsoft Corporation").keys}
    assert {"microsoft:.net", "microsoft:.net_6.0"} <= keys
    assert "microsoft:.net_8.0" not in keys


def test_a_program_with_winget_s_id_is_known_by_its_name() -> None:
    resolution = resolved(name="Firefox", publisher="Mozilla", version="115.0", purl="pkg:winget/Mozilla.Firefox")
    assert [str(key) for key in resolution.keys] == ["mozilla:firefox"]
    assert (resolution.version, resolution.scheme) == ("115.0", "windows")
