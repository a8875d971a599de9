from __future__ import annotations

from collections.abc import Callable

import pytest

from backend.client.inventory.entries import SkipReason
from backend.client.inventory.uninstall import CURRENT_VERSION
from backend.contract.inventory import EntryKind, MachineIdentity
from desktop.host import Hive, RegistryKey, RegistryReader
from desktop.inventory import collect as collecting
from desktop.inventory.collect import ELSEWHERE, MACHINE_PROGRAMS, STORE_APPS, USER_PROGRAMS, collect, collect_here
from desktop.inventory.components import DEFENDER, DEFENDER_SIGNATURES, INSTALLED, NET_FRAMEWORK, SERVICING
from tests.fakes.machine_registry import FakeMachineRegistry, through_winreg

WIDE, NARROW = MACHINE_PROGRAMS
PC = MachineIdentity(name="PC-1", user="ann")
Reader = Callable[[FakeMachineRegistry], RegistryReader]


@pytest.fixture
def registry() -> FakeMachineRegistry:
    registry = FakeMachineRegistry()
    registry.put(WIDE.below("7-Zip"), DisplayName="7-Zip 22.01 (x64)", Publisher="Igor Pavlov", DisplayVersion="22.01")
    registry.put(NARROW.below("{1}"), DisplayName="Old Tool", DisplayVersion="1.0", SystemComponent=0)
    registry.put(USER_PROGRAMS.below("Code"), DisplayName="Code (User)", DisplayVersion="1.71.2")
    return registry


@pytest.fixture(params=[lambda registry: registry, through_winreg], ids=["reader", "winreg"])
def reader(request: pytest.FixtureRequest) -> Reader:
    return request.param


def names(registry: RegistryReader) -> list[str]:
    inventory = collect(registry, PC).inventory
    assert inventory is not None
    return [entry.name for entry in inventory.software]


def test_programs_of_the_machine_in_both_views_and_of_the_user(registry: FakeMachineRegistry, reader: Reader) -> None:
    collected = collect(reader(registry), PC)
    assert collected.inventory is not None
    assert [(entry.name, entry.publisher, entry.version) for entry in collected.inventory.software] == [
        ("7-Zip 22.01 (x64)", "Igor Pavlov", "22.01"),
        ("Old Tool", "", "1.0"),
        ("Code (User)", "", "1.71.2"),
    ]
    assert collected.inventory.machine == PC
    assert collected.skipped == ()


def test_parts_updates_and_keys_without_a_name_are_skipped_and_said(
    registry: FakeMachineRegistry, reader: Reader
) -> None:
    registry.put(WIDE.below("part"), DisplayName="Part", SystemComponent=1)
    registry.put(WIDE.below("kb"), DisplayName="KB1", ParentKeyName="Office")
    registry.put(WIDE.below("fix"), DisplayName="KB2", ReleaseType="Hotfix")
    registry.put(WIDE.below("empty"))
    registry.put(WIDE.below("odd"), DisplayName=7)
    collected = collect(reader(registry), PC)
    assert collected.skip_counts == {SkipReason.HIDDEN: 1, SkipReason.UPDATE: 2, SkipReason.NO_NAME: 2}
    assert str(WIDE.below("part")) in {skipped.where for skipped in collected.skipped}


def test_a_denied_key_costs_only_itself_and_is_counted(registry: FakeMachineRegistry, reader: Reader) -> None:
    registry.put(WIDE.below("secret"), DisplayName="Secret")
    registry.denied |= {WIDE.below("secret"), USER_PROGRAMS}
    collected = collect(reader(registry), PC)
    assert names(registry) == ["7-Zip 22.01 (x64)", "Old Tool"]
    assert [(skipped.where, skipped.reason) for skipped in collected.skipped] == [
        (str(WIDE.below("secret")), SkipReason.DENIED),
        (str(USER_PROGRAMS), SkipReason.DENIED),
    ]


def test_control_characters_in_the_name_of_a_skipped_key_are_not_shown(registry: FakeMachineRegistry) -> None:
    registry.put(WIDE.below("odd\u202e\ud800\nkey"), Publisher="Acme")
    [skipped] = collect(registry, PC).skipped
    assert skipped.where == rf"{WIDE}\odd key"


def test_the_same_program_for_machine_and_user_is_there_twice_but_not_twice_for_the_machine(
    registry: FakeMachineRegistry,
) -> None:
    registry.put(USER_PROGRAMS.below("Old"), DisplayName="Old Tool", DisplayVersion="1.0")
    registry.put(WIDE.below("Old"), DisplayName="Old Tool", DisplayVersion="1.0")
    assert names(registry).count("Old Tool") == 2


def test_store_apps_by_their_packages(registry: FakeMachineRegistry, reader: Reader) -> None:
    for package, shown in {
        "Microsoft.WindowsNotepad_11.2407.8.0_x64__8wekyb3d8bbwe": "@{Microsoft.WindowsNotepad_11?ms-resource://x}",
        "SpotifyAB.SpotifyMusic_1.240.447.0_x64__zpdnekdrzrea0": "Spotify",
        "Microsoft.WindowsNotepad_11.2407.8.0_neutral_split.scale-100_8wekyb3d8bbwe": "",
        "Nameless_1.0.0.0_x64__zpdnekdrzrea0": "ms-resource:AppName",
        "no package": "Odd",
    }.items():
        registry.put(STORE_APPS.below(package), DisplayName=shown)
    collected = collect(reader(registry), PC)
    assert collected.inventory is not None
    apps = [entry for entry in collected.inventory.software if entry.kind == EntryKind.STORE_APP]
    assert [(app.name, app.publisher, app.version) for app in apps] == [
        ("Microsoft.WindowsNotepad", "Microsoft Corporation", "11.2407.8.0"),
        ("Spotify", "", "1.240.447.0"),
        ("Nameless", "", "1.0.0.0"),
    ]
    assert collected.skip_counts == {SkipReason.HIDDEN: 1, SkipReason.UNREADABLE: 1}


def test_parts_of_windows_with_a_version_of_their_own(registry: FakeMachineRegistry, reader: Reader) -> None:
    registry.put(RegistryKey(Hive.MACHINE, NET_FRAMEWORK), Release=528372, Version="4.8.04084")
    registry.put(
        RegistryKey(Hive.MACHINE, DEFENDER),
        InstallLocation="C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.24090.11-0\\",
    )
    registry.put(
        RegistryKey(Hive.MACHINE, DEFENDER_SIGNATURES), EngineVersion="1.1.24090.11", AVSignatureVersion="1.419"
    )
    inventory = collect(reader(registry), PC).inventory
    assert inventory is not None
    assert [(entry.name, entry.version) for entry in inventory.software if entry.kind == EntryKind.COMPONENT] == [
        ("Microsoft .NET Framework 4.8", "4.8.04084"),
        ("Microsoft Defender Antimalware Platform", "4.18.24090.11"),
        ("Microsoft Malware Protection Engine", "1.1.24090.11"),
    ]


@pytest.mark.parametrize("release", [None, "528372", 0, 378388])
def test_a_release_of_net_framework_that_is_not_known_is_no_entry(
    registry: FakeMachineRegistry, release: object
) -> None:
    registry.put(RegistryKey(Hive.MACHINE, NET_FRAMEWORK), Release=release, Version="4.0")
    assert len(names(registry)) == 3


def test_installed_updates_and_no_parts_or_superseded_ones(registry: FakeMachineRegistry) -> None:
    root = RegistryKey(Hive.MACHINE, SERVICING)
    for package, state in {
        "Package_for_RollupFix~31bf3856ad364e35~amd64~~22621.4317.1.9": INSTALLED,
        "Package_for_KB5031356~31bf3856ad364e35~amd64~~19041.3570.1.5": INSTALLED,
        "Package_for_KB5000000~31bf3856ad364e35~amd64~~19041.1.1.1": 80,
        "Microsoft-Windows-Client-Features-Package~31bf3856ad364e35~amd64~~10.0.22621.1": INSTALLED,
    }.items():
        registry.put(root.below(package), CurrentState=state)
    inventory = collect(registry, PC).inventory
    assert inventory is not None
    updates = [(entry.name, entry.version) for entry in inventory.software if entry.kind == EntryKind.WINDOWS_UPDATE]
    assert updates == [("RollupFix", "22621.4317.1.9"), ("KB5031356", "19041.3570.1.5")]


@pytest.mark.parametrize(
    ("values", "name", "build"),
    [
        ({"ProductName": "Windows 10 Pro", "CurrentBuild": "22631", "UBR": 4317}, "Windows 11 Pro", "10.0.22631.4317"),
        ({"ProductName": "Windows 10 Pro", "CurrentBuild": "19045", "UBR": 3693}, "Windows 10 Pro", "10.0.19045.3693"),
        ({"ProductName": "Windows 10 Pro", "CurrentBuild": "19045"}, "Windows 10 Pro", "10.0.19045"),
        (
            {
                "ProductName": "Windows Server 2025 Standard",
                "CurrentBuild": "26100",
                "UBR": 1,
                "InstallationType": "Server Core",
            },
            "Windows Server 2025 Standard (Server Core)",
            "10.0.26100.1",
        ),
    ],
)
def test_the_system_by_edition_and_full_build(
    registry: FakeMachineRegistry, values: dict[str, object], name: str, build: str
) -> None:
    numbers = {"CurrentMajorVersionNumber": 10, "CurrentMinorVersionNumber": 0, "DisplayVersion": "23H2"}
    registry.put(RegistryKey(Hive.MACHINE, CURRENT_VERSION), **numbers, **values)
    registry.put(
        RegistryKey(Hive.MACHINE, r"SYSTEM\CurrentControlSet\Control\Session Manager\Environment"),
        PROCESSOR_ARCHITECTURE="AMD64",
    )
    inventory = collect(registry, PC).inventory
    assert inventory is not None
    assert inventory.os is not None
    assert (inventory.os.name, inventory.os.version, inventory.os.build) == (name, "23H2", build)
    assert inventory.os.architecture == "AMD64"


def test_old_windows_states_its_version_as_text(registry: FakeMachineRegistry) -> None:
    values = {
        "ProductName": "Windows Server 2012 R2 Standard",
        "CurrentBuild": "9600",
        "CurrentVersion": "6.3",
        "UBR": 21620,
    }
    registry.put(RegistryKey(Hive.MACHINE, CURRENT_VERSION), **values)
    inventory = collect(registry, PC).inventory
    assert inventory is not None
    assert inventory.os is not None
    assert inventory.os.build == "6.3.9600.21620"


def test_an_empty_registry_gives_an_empty_inventory(reader: Reader) -> None:
    inventory = collect(reader(FakeMachineRegistry()), PC).inventory
    assert inventory is not None
    assert (inventory.os, inventory.software) == (None, ())


def test_elsewhere_nothing_is_collected_and_the_reason_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "this_registry", lambda: None)
    collected = collect_here()
    assert (collected.inventory, collected.reason) == (None, ELSEWHERE)


def test_here_the_machine_and_its_user_are_named(
    monkeypatch: pytest.MonkeyPatch, registry: FakeMachineRegistry
) -> None:
    monkeypatch.setattr(collecting, "this_registry", lambda: registry)
    monkeypatch.setenv("USERNAME", "ann")
    monkeypatch.setenv("LOGNAME", "ann")
    inventory = collect_here().inventory
    assert inventory is not None
    assert inventory.machine is not None
    assert inventory.machine.name
    assert inventory.machine.user == "ann"


@pytest.mark.parametrize("error", [KeyError, OSError, ImportError])
def test_a_user_whose_name_is_not_known_has_an_empty_one(
    monkeypatch: pytest.MonkeyPatch, registry: FakeMachineRegistry, error: type[Exception]
) -> None:
    def unknown() -> str:
        raise error("no name")

    monkeypatch.setattr(collecting, "this_registry", lambda: registry)
    monkeypatch.setattr("getpass.getuser", unknown)
    inventory = collect_here().inventory
    assert inventory is not None
    assert inventory.machine is not None
    assert inventory.machine.user == ""
