"""The catalogue of problems: their ids, and for each id its texts, weight and remedies.

`openthreat doctor`, the API's errors and the windows describe problems by these ids, so that all show the same texts.
Texts are templates: the windows translate the template and then fill in the parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class ProblemId(StrEnum):
    """The ids. They never change, since logs, reports and other programs refer to them."""

    ACTION_FAILED = "action-failed"

    SETTINGS_DAMAGED = "settings-damaged"
    SETTINGS_UNUSABLE = "settings-unusable"
    DISK_FULL = "disk-full"
    DISK_LOW = "disk-low"
    DATA_FOLDER_OPEN = "data-folder-open"
    CLOCK_WRONG = "clock-wrong"
    TIME_ZONE_ODD = "time-zone-odd"

    DATABASE_AWAY = "database-away"
    DATABASE_DAMAGED = "database-damaged"
    DATABASE_NEWER = "database-newer"
    DATABASE_OLDER = "database-older"
    SEARCH_INDEX_DAMAGED = "search-index-damaged"
    DATABASE_PREPARING = "database-preparing"
    DATABASE_EMPTY = "database-empty"
    BROKER_AWAY = "broker-away"
    BROKER_REFUSES = "broker-refuses"
    BROKER_DAMAGED = "broker-damaged"
    SERVER_UNREACHABLE = "server-unreachable"

    DOCKER_NOT_INSTALLED = "docker-not-installed"
    DOCKER_NO_COMPOSE = "docker-no-compose"
    DOCKER_NOT_RUNNING = "docker-not-running"
    DOCKER_STOPPED = "docker-stopped"
    DOCKER_ENGINE_STARTING = "docker-engine-starting"
    DOCKER_NOT_ANSWERING = "docker-not-answering"
    DOCKER_NO_PERMISSION = "docker-no-permission"
    DOCKER_WINDOWS_CONTAINERS = "docker-windows-containers"
    DOCKER_IMAGE_MISSING = "docker-image-missing"
    DOCKER_FETCHING = "docker-fetching"
    DOCKER_STARTING = "docker-starting"
    DOCKER_PORT_TAKEN = "docker-port-taken"
    DOCKER_PORT_RESERVED = "docker-port-reserved"
    DOCKER_PORT_REFUSED = "docker-port-refused"
    DOCKER_DISK_FULL = "docker-disk-full"
    DOCKER_UNHEALTHY = "docker-unhealthy"
    DOCKER_FILE_LOST = "docker-file-lost"
    DOCKER_FILE_UNUSABLE = "docker-file-unusable"
    DOCKER_FILE_FOREIGN = "docker-file-foreign"
    DOCKER_BROKEN = "docker-broken"

    API_PORT_TAKEN = "api-port-taken"
    API_PORT_RESERVED = "api-port-reserved"
    API_ADDRESS_FOREIGN = "api-address-foreign"
    API_OF_ANOTHER = "api-of-another"
    API_DOWN = "api-down"
    API_SILENT = "api-silent"

    SERVICES_STOPPED = "services-stopped"
    SERVICE_NOT_STARTED = "service-not-started"
    SERVICE_ENDED = "service-ended"
    SERVICE_FAILING = "service-failing"
    SERVICE_REFUSES = "service-refuses"
    WORKERS_MISSING = "workers-missing"
    QUEUE_UNSERVED = "queue-unserved"
    WORKER_SILENT = "worker-silent"
    TASK_STUCK = "task-stuck"
    TASK_TOO_LONG = "task-too-long"
    TASK_UNTAKEN = "task-untaken"

    SCHEDULE_UNATTENDED = "schedule-unattended"
    SCHEDULE_DOUBLED = "schedule-doubled"
    SCHEDULE_PAUSED = "schedule-paused"
    UPDATES_OFF = "updates-off"

    NETWORK_AWAY = "network-away"
    PROXY_REFUSES = "proxy-refuses"
    CERTIFICATE_UNTRUSTED = "certificate-untrusted"
    UPDATE_FAILED = "update-failed"
    JOB_FAILED = "job-failed"
    SOURCES_OFF = "sources-off"
    SOURCE_UNREACHABLE = "source-unreachable"
    SOURCE_FAILED = "source-failed"
    SOURCE_STALE = "source-stale"
    SOURCE_NEVER = "source-never"
    WEBHOOK_FAILING = "webhook-failing"

    PROGRAM_INCOMPLETE = "program-incomplete"


class Weight(IntEnum):
    """How much a problem matters; the tray shows the heaviest."""

    INFO = 1  # nothing is wrong, or only for a short time
    ATTENTION = 2  # something does not run, which may be intended or harmless
    WARNING = 3  # part of the work is not done
    ERROR = 4  # the work is not done until a person acts

    @property
    def word(self) -> str:
        return self.name.lower()


class Outlook(StrEnum):
    """How a problem ends."""

    BY_HAND = "by-hand"  # a person has to act
    BY_ITSELF = "by-itself"  # the program waits or retries, so it is not notified
    CHOSEN = "chosen"  # a person chose this state


class Place(StrEnum):
    """The subject that a problem belongs to. The windows map each to a page."""

    INBOX = "inbox"
    TASKS = "tasks"
    SCHEDULE = "schedule"
    SERVICES = "services"
    DIAGNOSTICS = "diagnostics"
    SETTINGS = "settings"


class Remedy(StrEnum):
    """An action of the program against a problem; the windows show a button for it."""

    START_DOCKER = "start-docker"
    USE_EMBEDDED = "use-embedded"
    USE_OTHER_PORTS = "use-other-ports"
    FETCH_IMAGES = "fetch-images"
    STOP_FETCHING = "stop-fetching"
    TRY_AGAIN = "try-again"
    START_SERVICES = "start-services"  # Problem.service names one; all of them where it is empty
    RESTART_SERVICE = "restart-service"  # Problem.service names it
    RESUME_SCHEDULE = "resume-schedule"
    OPEN_NETWORK_SETTINGS = "open-network-settings"
    OPEN_REPORT_SETTINGS = "open-report-settings"
    OPEN_SCHEDULE = "open-schedule"
    OPEN_WEBHOOKS = "open-webhooks"
    OPEN_LOG = "open-log"
    OPEN_SETTINGS = "open-settings"
    OPEN_FOLDER = "open-folder"  # the data folder
    UPDATE_NOW = "update-now"


@dataclass(frozen=True)
class ProblemKind:
    """The properties shared by all problems of one id.

    Args:
        weight: How much it matters; a state may make a single problem lighter.
        title: A few words.
        message: What it means.
        hint: What a person can do about it; empty if there is nothing to do.
        command: What to type, in a sentence. Only terminals show it: the windows have remedies.
        remedies: What the program itself can do, the best first.
        place: The subject that it belongs to.
        outlook: How it ends.
        resolved: The notification of its end; empty if its end is not notified.
    """

    weight: Weight
    title: str
    message: str = ""
    hint: str = ""
    remedies: tuple[Remedy, ...] = ()
    place: Place = Place.SERVICES
    outlook: Outlook = Outlook.BY_HAND
    resolved: str = ""
    command: str = ""


AFFECTED = "Affected: {names}."
"""Appended to the message of a problem that explains others."""

_INFO, _ATTENTION, _WARNING, _ERROR = Weight
_BY_ITSELF, _CHOSEN = Outlook.BY_ITSELF, Outlook.CHOSEN
_START = "Start everything with `openthreat up`."
_OTHER_PORT = "Stop that program, or set OPENTHREAT_API_PORT to a free port and start again."
_UPDATE = "It is tried again with every update."
_UPDATE_NOW = "`openthreat update --wait` tries now."
_LOG = (Remedy.OPEN_LOG,)
_LOG_AND_AGAIN = (Remedy.OPEN_LOG, Remedy.TRY_AGAIN)
_AGAIN_OR_EMBEDDED = (Remedy.TRY_AGAIN, Remedy.USE_EMBEDDED)
_OTHER_PORTS = (Remedy.USE_OTHER_PORTS, Remedy.TRY_AGAIN, Remedy.USE_EMBEDDED)
_STACK_FILE = (Remedy.OPEN_FOLDER, Remedy.TRY_AGAIN, Remedy.USE_EMBEDDED)

CATALOGUE: Mapping[ProblemId, ProblemKind] = {
    ProblemId.ACTION_FAILED: ProblemKind(_WARNING, "This could not be done", place=Place.INBOX),
    # The machine and the settings
    ProblemId.SETTINGS_DAMAGED: ProblemKind(
        _WARNING,
        "The settings file was damaged",
        "{reason}",
        "Compare the files in {folder}.",
        (Remedy.OPEN_FOLDER,),
        Place.SETTINGS,
    ),
    ProblemId.SETTINGS_UNUSABLE: ProblemKind(
        _ERROR, "A setting cannot be used", remedies=(Remedy.OPEN_FOLDER,), place=Place.SETTINGS
    ),
    ProblemId.DISK_FULL: ProblemKind(
        _ERROR,
        "The disk is full",
        "{room} free in the data folder ({folder}).",
        "Free some space, or set OPENTHREAT_HOME to a folder on a larger disk and move the data there.",
        (Remedy.OPEN_FOLDER,),
        Place.DIAGNOSTICS,
        resolved="There is room on the disk again",
    ),
    ProblemId.DISK_LOW: ProblemKind(
        _ATTENTION,
        "The disk is nearly full",
        "{room} free in the data folder ({folder}).",
        "Free some space, or set OPENTHREAT_HOME to a folder on a larger disk and move the data there.",
        (Remedy.OPEN_FOLDER,),
        Place.DIAGNOSTICS,
    ),
    ProblemId.DATA_FOLDER_OPEN: ProblemKind(
        _ATTENTION,
        "Other users may be able to open the data folder",
        "{reason}",
        "Set OPENTHREAT_HOME to a folder of your own, in your user folder, and move the data there.",
        (Remedy.OPEN_FOLDER,),
        Place.DIAGNOSTICS,
    ),
    ProblemId.CLOCK_WRONG: ProblemKind(
        _ATTENTION,
        "The clock is wrong",
        "It is {difference}. The schedule and the updates depend on it.",
        "Let the system set its clock by the network.",
        place=Place.DIAGNOSTICS,
    ),
    ProblemId.TIME_ZONE_ODD: ProblemKind(
        _ATTENTION,
        "The time zone has no known name",
        "{setting} is not the name of a time zone. The system reads it as {zone}, and so does the schedule.",
        "Set it to a name such as Europe/Berlin, or remove it.",
        place=Place.DIAGNOSTICS,
    ),
    # Database and broker
    ProblemId.DATABASE_AWAY: ProblemKind(
        _WARNING,
        "The database cannot be reached",
        "{reason}",
        "Check that it is running. Work continues automatically when it answers.",
        outlook=_BY_ITSELF,
        resolved="The database answers again",
    ),
    ProblemId.DATABASE_DAMAGED: ProblemKind(
        _ERROR,
        "The database is damaged",
        "{reason}",
        "Stop the program, and restore the database from a backup or remove it: everything is downloaded again then.",
        (Remedy.OPEN_FOLDER, Remedy.OPEN_LOG),
        resolved="The database answers again",
    ),
    ProblemId.DATABASE_NEWER: ProblemKind(
        _ERROR,
        "The database belongs to a newer version of the program",
        "{reason}",
        "Install the newer version of the program, or choose another data folder or database.",
        (Remedy.OPEN_SETTINGS, Remedy.OPEN_LOG),
        resolved="The database answers again",
    ),
    ProblemId.DATABASE_OLDER: ProblemKind(
        _WARNING,
        "Other PCs use the database with an older version of the program",
        "{reason}",
        "Install the new version on those PCs, or quit the program there. Then this PC brings the database up to date.",
        (Remedy.OPEN_SETTINGS, Remedy.OPEN_LOG),
        outlook=_BY_ITSELF,
        resolved="The database answers again",
    ),
    ProblemId.SEARCH_INDEX_DAMAGED: ProblemKind(
        _WARNING,
        "The search index is damaged",
        "Searches fail until it has been made anew. No record is lost.",
        "An update makes it anew from the records; it starts by itself.",
        (Remedy.UPDATE_NOW,),
        Place.INBOX,
        _BY_ITSELF,
        resolved="The search works again",
    ),
    ProblemId.DATABASE_PREPARING: ProblemKind(
        _INFO, "The database is being prepared", "After a new version this may take some minutes.", outlook=_BY_ITSELF
    ),
    ProblemId.DATABASE_EMPTY: ProblemKind(
        _INFO,
        "The database is still empty",
        "No update has filled it yet.",
        "",
        (Remedy.UPDATE_NOW,),
        Place.INBOX,
        command="`openthreat update --wait` fills it.",
    ),
    ProblemId.BROKER_AWAY: ProblemKind(
        _WARNING,
        "The broker cannot be reached",
        "{reason}",
        "Start it; waiting tasks are then sent.",
        outlook=_BY_ITSELF,
        resolved="The broker answers again",
    ),
    ProblemId.BROKER_REFUSES: ProblemKind(
        _ERROR,
        "The broker does not take tasks",
        "{reason}",
        "Check the broker's configuration; waiting tasks are then sent.",
        resolved="The broker takes tasks again",
    ),
    ProblemId.BROKER_DAMAGED: ProblemKind(
        _ERROR,
        "The built-in broker's file is damaged",
        "{reason}",
        "Stop the program and delete the file: it is created again.",
        (Remedy.OPEN_FOLDER, Remedy.TRY_AGAIN),
    ),
    ProblemId.SERVER_UNREACHABLE: ProblemKind(
        _WARNING,
        "{server} cannot be reached",
        "{address} does not answer ({reason}).",
        "Start it, or correct {variable}; the services then continue automatically.",
        outlook=_BY_ITSELF,
        resolved="{server} answers again",
    ),
    # Docker
    ProblemId.DOCKER_NOT_INSTALLED: ProblemKind(
        _ERROR,
        "Docker is not installed",
        "The docker program was not found on this machine.",
        "Install it from https://docs.docker.com/get-docker/, or use the built-in database: it needs no installation.",
        (Remedy.USE_EMBEDDED, Remedy.TRY_AGAIN),
    ),
    ProblemId.DOCKER_NO_COMPOSE: ProblemKind(
        _ERROR,
        "Docker's compose plugin is missing",
        "This docker program does not support `docker compose`.",
        "Update Docker Desktop, or install the package docker-compose-plugin.",
        _AGAIN_OR_EMBEDDED,
    ),
    ProblemId.DOCKER_NOT_RUNNING: ProblemKind(
        _WARNING,
        "Docker is not running",
        "Its engine does not answer.",
        "Start it; the services then continue automatically.",
        _AGAIN_OR_EMBEDDED,
        outlook=_BY_ITSELF,
    ),
    ProblemId.DOCKER_STOPPED: ProblemKind(
        _WARNING,
        "Docker was stopped",
        "Database and broker stopped with it. No data are lost.",
        "Start it again; the services then continue automatically.",
        _AGAIN_OR_EMBEDDED,
        outlook=_BY_ITSELF,
    ),
    ProblemId.DOCKER_ENGINE_STARTING: ProblemKind(
        _INFO,
        "Docker is starting",
        "That may take a minute or two.",
        "If it takes longer, check the Docker Desktop window.",
        (Remedy.USE_EMBEDDED,),
        outlook=_BY_ITSELF,
    ),
    ProblemId.DOCKER_NOT_ANSWERING: ProblemKind(
        _WARNING,
        "Docker does not answer",
        "Its engine runs but does not respond.",
        "Restart Docker or this machine.",
        _AGAIN_OR_EMBEDDED,
    ),
    ProblemId.DOCKER_NO_PERMISSION: ProblemKind(
        _ERROR,
        "This account is not allowed to use Docker",
        "The system refuses access to Docker's engine.",
        "Add it to the group docker (on Windows docker-users) and sign in again, or use the built-in database.",
        _AGAIN_OR_EMBEDDED,
        command="On Linux `sudo usermod -aG docker $USER` adds it.",
    ),
    ProblemId.DOCKER_WINDOWS_CONTAINERS: ProblemKind(
        _ERROR,
        "Docker is set to Windows containers",
        "PostgreSQL and Redis need Linux containers.",
        "Choose “Switch to Linux containers” in Docker Desktop's menu.",
        _AGAIN_OR_EMBEDDED,
    ),
    ProblemId.DOCKER_IMAGE_MISSING: ProblemKind(
        _WARNING,
        "The images cannot be downloaded",
        "{reason}",
        "Check the connection to the Internet. The download is retried every few minutes.",
        (Remedy.FETCH_IMAGES, Remedy.USE_EMBEDDED),
        outlook=_BY_ITSELF,
    ),
    ProblemId.DOCKER_FETCHING: ProblemKind(
        _INFO,
        "Downloading PostgreSQL and Redis",
        "{reason}",
        "This is needed once and may take some minutes.",
        (Remedy.STOP_FETCHING, Remedy.USE_EMBEDDED),
        outlook=_BY_ITSELF,
    ),
    ProblemId.DOCKER_STARTING: ProblemKind(
        _INFO,
        "PostgreSQL and Redis are starting",
        "Their containers run but do not answer yet.",
        outlook=_BY_ITSELF,
    ),
    ProblemId.DOCKER_PORT_TAKEN: ProblemKind(
        _ERROR,
        "Port {port} is taken",
        "{holder} listens there.",
        "Use other ports, or end that program or container.",
        _OTHER_PORTS,
        command="`docker ps` shows containers.",
    ),
    ProblemId.DOCKER_PORT_RESERVED: ProblemKind(
        _ERROR,
        "Port {port} is reserved",
        "No program listens there, but the system does not allow its use.",
        "Use other ports.",
        _OTHER_PORTS,
        command="`netsh int ipv4 show excludedportrange protocol=tcp` shows the ports that Windows reserves.",
    ),
    ProblemId.DOCKER_PORT_REFUSED: ProblemKind(
        _ERROR, "A port is not available", "{reason}", "Use other ports, or end the program that uses it.", _OTHER_PORTS
    ),
    ProblemId.DOCKER_DISK_FULL: ProblemKind(
        _ERROR,
        "The disk that Docker uses is full",
        "{reason}",
        "Free disk space. The services then continue automatically.",
        _AGAIN_OR_EMBEDDED,
        command="`docker system df` shows what Docker uses.",
    ),
    ProblemId.DOCKER_UNHEALTHY: ProblemKind(_WARNING, "A container does not work", "{reason}", "", _AGAIN_OR_EMBEDDED),
    ProblemId.DOCKER_FILE_LOST: ProblemKind(
        _ERROR,
        "stack.env is missing",
        "It has the password of this data folder's database in Docker (volume {reason}). A new one would have another.",
        "Restore the file, for example from a backup, or use the built-in database: the data can be downloaded again.",
        _STACK_FILE,
        command="`docker volume rm {reason}` deletes the data in Docker; they are then downloaded again.",
    ),
    ProblemId.DOCKER_FILE_UNUSABLE: ProblemKind(
        _ERROR, "stack.env cannot be used", "{reason}", "Correct the file, or restore it from a backup.", _STACK_FILE
    ),
    ProblemId.DOCKER_FILE_FOREIGN: ProblemKind(
        _ERROR,
        "stack.env belongs to another data folder",
        "This data folder was moved or copied.",
        "If it was moved, remove the line OPENTHREAT_FOLDER from the file. If it was copied, delete the file.",
        _STACK_FILE,
    ),
    ProblemId.DOCKER_BROKEN: ProblemKind(
        _WARNING,
        "Docker cannot start PostgreSQL and Redis",
        "{reason}",
        "The Docker Desktop window or Docker's log may show the cause.",
        _AGAIN_OR_EMBEDDED,
    ),
    # The API
    ProblemId.API_PORT_TAKEN: ProblemKind(
        _ERROR, "Port {port} is taken", "{holder} listens there.", _OTHER_PORT, (Remedy.TRY_AGAIN,)
    ),
    ProblemId.API_PORT_RESERVED: ProblemKind(
        _ERROR,
        "Port {port} is reserved",
        "No program listens there, but the system does not allow its use.",
        "Set OPENTHREAT_API_PORT to another port and start again.",
        (Remedy.TRY_AGAIN,),
    ),
    ProblemId.API_ADDRESS_FOREIGN: ProblemKind(
        _ERROR,
        "The API's address is not of this machine",
        "OPENTHREAT_API_HOST is {host}.",
        "Set it to 127.0.0.1.",
    ),
    ProblemId.API_OF_ANOTHER: ProblemKind(
        _ERROR,
        "Another OpenThreat uses the port",
        "Process {pid} answers on port {port}, and it is not the API of this data folder that was started here.",
        _OTHER_PORT,
        (Remedy.TRY_AGAIN,),
    ),
    ProblemId.API_DOWN: ProblemKind(
        _ERROR, "The API is not running", "Nothing listens on its port.", "", (Remedy.RESTART_SERVICE,), command=_START
    ),
    ProblemId.API_SILENT: ProblemKind(
        _WARNING,
        "The program's own API is not answering",
        "{reason}",
        "It is restarted if necessary.",
        _LOG,
        outlook=_BY_ITSELF,
    ),
    # The services
    ProblemId.SERVICES_STOPPED: ProblemKind(
        _ATTENTION,
        "All services are stopped",
        "The data are kept, but not updated.",
        "",
        (Remedy.START_SERVICES,),
        outlook=_CHOSEN,
    ),
    ProblemId.SERVICE_NOT_STARTED: ProblemKind(
        _WARNING, "The {service} service cannot be started", "{reason}", "", _LOG_AND_AGAIN, outlook=_BY_ITSELF
    ),
    ProblemId.SERVICE_ENDED: ProblemKind(
        _WARNING, "The {service} service ended unexpectedly", "{reason}", "", _LOG_AND_AGAIN, outlook=_BY_ITSELF
    ),
    ProblemId.SERVICE_FAILING: ProblemKind(
        _ERROR,
        "The {service} service keeps failing",
        "It ended {count} times within {minutes} minutes, the last time: {reason}",
        "It is started again automatically, at least every 30 minutes. Details are in {log} in the log folder.",
        _LOG_AND_AGAIN,
        resolved="The {service} service runs again",
    ),
    ProblemId.SERVICE_REFUSES: ProblemKind(
        _ERROR,
        "The {service} service cannot run",
        "{reason}",
        "",
        _LOG_AND_AGAIN,
        resolved="The {service} service runs again",
    ),
    ProblemId.WORKERS_MISSING: ProblemKind(
        _ERROR,
        "Updates and jobs are not running",
        "Nothing is updated.",
        "",
        (Remedy.RESTART_SERVICE,),
        command=_START,
    ),
    ProblemId.QUEUE_UNSERVED: ProblemKind(
        _ERROR,
        "The {service} service is not running",
        "Its tasks wait.",
        "",
        (Remedy.RESTART_SERVICE,),
        command="Start everything with `openthreat up`, or `openthreat worker -Q {queue}`.",
    ),
    ProblemId.WORKER_SILENT: ProblemKind(
        _WARNING,
        "The {service} service has stopped responding",
        "Its process is running, but it has sent no heartbeat for {seconds} s.",
        "It is being restarted; its task continues.",
        _LOG,
        outlook=_BY_ITSELF,
    ),
    ProblemId.TASK_STUCK: ProblemKind(
        _WARNING,
        "A task makes no progress",
        "{reason}",
        "The service is being restarted, and the run is repeated.",
        (Remedy.RESTART_SERVICE, Remedy.OPEN_LOG),
        outlook=_BY_ITSELF,
        command="`openthreat cancel {run}` stops the task.",
    ),
    ProblemId.TASK_TOO_LONG: ProblemKind(
        _WARNING,
        "A task took too long",
        "It ran for {minutes} minutes, the limit for a task.",
        "The service is being restarted, and the run is marked as failed.",
        _LOG,
        outlook=_BY_ITSELF,
    ),
    ProblemId.TASK_UNTAKEN: ProblemKind(
        _WARNING,
        "A task is stuck in the queue",
        "{reason}",
        "It is handed over again within a minute. If that does not help, restart the service.",
        (Remedy.RESTART_SERVICE, Remedy.OPEN_LOG),
        outlook=_BY_ITSELF,
    ),
    # The schedule
    ProblemId.SCHEDULE_UNATTENDED: ProblemKind(
        _ERROR,
        "Nothing runs automatically",
        "The Schedule service is not running.",
        "",
        (Remedy.RESTART_SERVICE,),
        Place.SCHEDULE,
        command=_START,
    ),
    ProblemId.SCHEDULE_DOUBLED: ProblemKind(
        _INFO,
        "More than one scheduler is running",
        "{names}. Each entry still starts once.",
        "Stop all but one of them.",
        place=Place.SCHEDULE,
    ),
    ProblemId.SCHEDULE_PAUSED: ProblemKind(
        _ATTENTION,
        "The schedule is paused until {until}",
        "Nothing runs automatically until then.",
        "",
        (Remedy.RESUME_SCHEDULE,),
        Place.SCHEDULE,
        _CHOSEN,
    ),
    ProblemId.UPDATES_OFF: ProblemKind(
        _ATTENTION,
        "Automatic updates are off",
        "No update in the schedule is turned on.",
        "",
        (Remedy.OPEN_SCHEDULE, Remedy.UPDATE_NOW),
        Place.SCHEDULE,
        _CHOSEN,
    ),
    # The data
    ProblemId.NETWORK_AWAY: ProblemKind(
        _ERROR,
        "No source could be reached",
        "{reason}",
        "Check the network connection and the proxy settings; the next update tries again automatically.",
        (Remedy.UPDATE_NOW, Remedy.OPEN_NETWORK_SETTINGS),
        Place.TASKS,
        resolved="The update works again",
    ),
    ProblemId.PROXY_REFUSES: ProblemKind(
        _ERROR,
        "The proxy refuses the connection",
        "{reason}",
        "Check the proxy, its user and its password under Network in the settings.",
        (Remedy.OPEN_NETWORK_SETTINGS, Remedy.UPDATE_NOW),
        Place.TASKS,
        resolved="The update works again",
    ),
    ProblemId.CERTIFICATE_UNTRUSTED: ProblemKind(
        _ERROR,
        "A certificate could not be verified",
        "{reason}",
        "Check the clock of this computer. Where a company inspects connections, choose its certificate file under "
        "Network in the settings.",
        (Remedy.OPEN_NETWORK_SETTINGS, Remedy.UPDATE_NOW),
        Place.TASKS,
        resolved="The update works again",
    ),
    ProblemId.UPDATE_FAILED: ProblemKind(
        _ERROR,
        "The last update failed",
        "{reason}",
        "{advice}",
        (Remedy.UPDATE_NOW,),
        Place.TASKS,
        resolved="The update works again",
    ),
    ProblemId.JOB_FAILED: ProblemKind(
        _WARNING, "{task} failed", "{reason}", "{advice}", place=Place.TASKS, resolved="{task} works again"
    ),
    ProblemId.SOURCES_OFF: ProblemKind(
        _ERROR,
        "All sources are turned off",
        "An update has nothing to read.",
        "Turn on at least one source in the settings.",
        (Remedy.OPEN_SETTINGS,),
        Place.SETTINGS,
    ),
    ProblemId.SOURCE_UNREACHABLE: ProblemKind(
        _WARNING,
        "{sources} could not be updated",
        "{reason} Existing data are kept.",
        "{advice}",
        (Remedy.UPDATE_NOW,),
        Place.TASKS,
        resolved="{sources} is up to date again",
    ),
    ProblemId.SOURCE_FAILED: ProblemKind(
        _WARNING,
        "{sources} could not be updated",
        "{reason} Existing data are kept.",
        "{advice}",
        (Remedy.UPDATE_NOW,),
        Place.TASKS,
        resolved="{sources} is up to date again",
    ),
    ProblemId.SOURCE_STALE: ProblemKind(
        _ATTENTION,
        "{sources}: out of date",
        "The last good update is more than a day old.",
        _UPDATE,
        (Remedy.UPDATE_NOW,),
        Place.TASKS,
        _BY_ITSELF,
        command=_UPDATE_NOW,
    ),
    ProblemId.SOURCE_NEVER: ProblemKind(
        _INFO,
        "{sources}: not loaded yet",
        "{reason}",
        _UPDATE,
        (Remedy.UPDATE_NOW,),
        Place.TASKS,
        _BY_ITSELF,
        command=_UPDATE_NOW,
    ),
    ProblemId.WEBHOOK_FAILING: ProblemKind(
        _WARNING,
        "{webhooks}: nothing could be sent for a day",
        "{reason} What is new is kept and sent later.",
        "Check the receiver, and test the webhook in the settings.",
        (Remedy.OPEN_WEBHOOKS,),
        Place.SETTINGS,
        resolved="{webhooks} receives messages again",
        command="`openthreat webhook test NAME` tries it.",
    ),
    # The installation
    ProblemId.PROGRAM_INCOMPLETE: ProblemKind(
        _ERROR,
        "{title}",
        "{reason}",
        "Install the program again; if that does not help, please report it.",
        place=Place.DIAGNOSTICS,
    ),
}
