"""The schema's history. `upgrade` runs it; asking whether there is anything to do does not even import Alembic."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

from backend.contract.errors import StoreTooNew

REVISIONS = ("0001", "0002", "0003")
"""Every revision this program knows, oldest first; one module each in `versions`."""

HEAD = REVISIONS[-1]


def check_known(revision: str | None) -> None:
    """Raises StoreTooNew for a revision that this program has never heard of."""
    if revision is not None and revision not in REVISIONS:
        raise StoreTooNew(
            "The database is of a newer version of the program",
            f"It has revision {revision}; this version knows up to {HEAD}. Nothing was changed.",
            "Install the newer version of the program, or choose another data folder or database.",
        )


def upgrade(connection: Connection) -> None:
    """Brings the database from whatever known revision it has to HEAD, inside the caller's transaction.

    Raises StoreTooNew, for somebody may have been faster.
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
        return list(script._upgrade_revs(HEAD, revision))

    with EnvironmentContext(config, script, fn=steps) as environment:
        environment.configure(connection=connection)
        environment.run_migrations()
