"""The database of the run store: opened, brought to the present tables, and asked again while it does not answer."""

from __future__ import annotations

import logging
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Column, Connection, Engine, MetaData, String, Table, create_engine, event, inspect, select
from sqlalchemy.exc import DataError as BadValue
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection

from core.errors import DataError
from core.store.address import address_of, file_of, require_local, shown
from core.store.migrations import HEAD, REVISIONS
from core.store.tables import Base, RunRow

PATIENCE = 30.0
"""A database that does not answer is asked again for so many seconds."""
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
LASTING = (
    "readonly",
    "is full",
    "no space left",
    "unable to open",
    "no such table",
    "no such column",
    "malformed",
    "not a database",
    "password",
    "does not exist",
    "pg_hba.conf",
)
"""Words of errors that no waiting mends."""
RECENT = 15.0
"""What the database refused so many seconds ago is still the matter; a run's sign of life tries again sooner."""
POSTGRESQL_OPTIONS = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""A server that is cut off is noticed within seconds."""
LOCK = 0x1F05C09E
"""PostgreSQL's name of the lock under which tables are changed."""
VERSION = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
DEFECTS = (ProgrammingError, IntegrityError, BadValue)

T = TypeVar("T")
log = logging.getLogger(__name__)


class StoreError(DataError):
    """Report that the run store does not answer, or that a run is another program's by now."""


class Database:
    """Keep connections to a database; every use is one transaction.

    Args:
        url: its address; the folder of an SQLite file is made.
        patience: seconds for which a database that is locked or gone is asked again.

    Raises:
        StoreError: it cannot be opened, or its tables were made by a newer program.
    """

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        address = address_of(url)
        self.name = shown(address)
        self.patience = patience
        self._refused: tuple[float, str] | None = None
        try:
            self._engine = _engine(address, patience)
            weakref.finalize(self, self._engine.dispose)
            self._ask(lambda: _bring_up_to_date(self._engine, self.name))
        except (OSError, SQLAlchemyError, StoreError) as problem:
            raise StoreError(f"the run store {self.name} cannot be opened: {_reason(problem)}") from problem

    @property
    def is_local(self) -> bool:
        """Return whether it is a file of this machine."""
        return self._engine.dialect.name == "sqlite"

    @property
    def trouble(self) -> str:
        """Return what the database refused lately, or that it does not answer; empty where nothing was refused."""
        when, reason = self._refused or (0.0, "")
        return reason if reason and time.monotonic() - when < RECENT else ""

    def use(self, work: Callable[[Connection], T]) -> T:
        """Do some work in one transaction; when the database is locked or gone, do all of it again.

        Args:
            work: reads and writes; it may have taken effect already when it is done again.

        Raises:
            StoreError: the database did not answer for ``patience`` seconds, or refuses the work.
        """

        def once() -> T:
            with self._engine.begin() as connection:
                return work(connection)

        return self._ask(once)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _ask(self, once: Callable[[], T]) -> T:
        deadline, pause = time.monotonic() + self.patience, FIRST_PAUSE
        while True:
            try:
                return once()
            except (DBAPIError, NoConnection) as problem:
                reason = _reason(problem)
                if any(words in reason.lower() for words in LASTING):
                    self._refused = time.monotonic(), reason
                    raise StoreError(f"the run store refused: {reason}") from problem
                if isinstance(problem, DEFECTS):
                    raise
                if time.monotonic() + pause > deadline:
                    self._refused = time.monotonic(), reason
                    raise StoreError(f"the run store did not answer for {self.patience:g} s: {reason}") from problem
                if pause == FIRST_PAUSE:
                    log.warning("the run store does not answer, asking again for %g s: %s", self.patience, reason)
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


def _reason(problem: Exception) -> str:
    """Return the first line of what a database said, without the statement."""
    said = problem.orig if isinstance(problem, DBAPIError) else problem
    text = str((isinstance(said, OSError) and said.strerror) or said).strip()
    line = text.partition("\n")[0]
    return line[:1].lower() + line[1:]


def _engine(address: URL, patience: float) -> Engine:
    """Open a database; SQLite gets a write-ahead log, so that readers never wait for the writer."""
    file = file_of(address)
    if file is None:
        return create_engine(
            address, pool_pre_ping=True, pool_recycle=1800, hide_parameters=True, connect_args=POSTGRESQL_OPTIONS
        )
    require_local(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(address, hide_parameters=True, connect_args={"timeout": min(patience / 2, 5.0)})

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("pragma journal_mode = wal")
        cursor.execute("pragma synchronous = normal")
        cursor.close()

    return engine


def _bring_up_to_date(engine: Engine, name: str) -> None:
    """Make the tables, or change those of an older program; of several programs that start at once, one does it."""
    with engine.connect() as connection:
        if _revision(connection) == HEAD:
            return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        sqlite = engine.dialect.name == "sqlite"
        connection.exec_driver_sql("begin immediate" if sqlite else "begin")
        try:
            if not sqlite:
                connection.exec_driver_sql(f"select pg_advisory_xact_lock({LOCK})")
            _migrate(connection, name)
        except BaseException:
            connection.exec_driver_sql("rollback")
            raise
        connection.exec_driver_sql("commit")


def _migrate(connection: Connection, name: str) -> None:
    revision = _revision(connection)
    if revision is None:
        Base.metadata.create_all(connection)
        VERSION.create(connection)
        connection.execute(VERSION.insert().values(version_num=HEAD))
    elif revision not in REVISIONS:
        raise DataError(
            f"the run store {name} was made by a newer program (tables {revision}; this program knows {HEAD}): update "
            "this program, or name another run store"
        )
    elif revision != HEAD:
        log.info("bringing the tables of the run store from %s to %s", revision, HEAD)
        upgrade(connection, revision)


def _revision(connection: Connection) -> str | None:
    """Return the revision of the tables; the first one for tables without number, None without tables."""
    tables = inspect(connection).get_table_names()
    if VERSION.name in tables:
        return connection.scalar(select(VERSION.c.version_num))
    return REVISIONS[0] if RunRow.__tablename__ in tables else None


def upgrade(connection: Connection, start: str | None, end: str = HEAD) -> None:
    """Run the migrations after one revision, up to another one.

    Args:
        connection: in a transaction that the caller commits.
        start: revision of the tables; None without any.
        end: revision to reach.
    """
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    folder = str(Path(__file__).parent / "migrations")
    config = Config()
    config.set_main_option("script_location", folder.replace("%", "%%"))
    script = ScriptDirectory.from_config(config)
    if start is not None and not inspect(connection).has_table(VERSION.name):
        VERSION.create(connection)
        connection.execute(VERSION.insert().values(version_num=start))

    def steps(revision: Any, _context: Any) -> Any:
        return script._upgrade_revs(end, revision)

    with EnvironmentContext(config, script, fn=steps) as environment:
        environment.configure(connection=connection, transactional_ddl=False)
        environment.run_migrations()
