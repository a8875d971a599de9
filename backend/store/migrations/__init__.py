"""The schema's revisions and their migrations. Alembic is imported only for an upgrade."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

from backend.contract.errors import StoreTooNew

REVISIONS = (
    *("0001", "0002", "0003", "0004", "0006", "0007", "0008", "0009"),
    *("0010", "0011", "0012", "0013", "0014", "0015", "0016", "0017", "0018"),
)
"""All known revisions, oldest first; each has a module in `versions`."""

HEAD = REVISIONS[-1]


def check_known(revision: str | None) -> None:
    """Check a revision.

    Raises:
        StoreTooNew: the revision is not known, so it is of a newer version of the program.
    """
    if revision is not None and revision not in REVISIONS:
        raise StoreTooNew(
            "The database was written by a newer version of the program",
            f"It has revision {revision}; this version knows up to {HEAD}. Nothing was changed.",
            "Install the newer version of the program, or choose another data folder or database.",
        )


def upgrade(connection: Connection, target: str = HEAD) -> None:
    """Migrate from any known revision up to another one, inside the caller's transaction.

    Raises:
        StoreTooNew: a newer version of the program migrated the database in the meantime.
    """
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.runtime.migration import MigrationContext, MigrationStep
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    script = ScriptDirectory.from_config(config)

    check_known(MigrationContext.configure(connection).get_current_revision())

    def steps(revision: str, _context: MigrationContext) -> list[MigrationStep]:
        return list(script._upgrade_revs(target, revision))

    with EnvironmentContext(config, script, fn=steps) as environment:
        environment.configure(connection=connection)
        environment.run_migrations()
