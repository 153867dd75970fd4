"""The log of decisions: a table that is only ever added to, in SQLite beside the results or in a team's PostgreSQL.

Ids and times are made here. Writers take turns (SQLite: `BEGIN IMMEDIATE`; PostgreSQL: an advisory lock), so that ids
become visible in their order: who has read up to an id has missed nothing before it.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

import msgspec
from sqlalchemy import (
    DDL,
    Boolean,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    insert,
    select,
    text,
)
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from streamlens.errors import InputError, StoreError
from streamlens.review import DECISIONS
from streamlens.schema import Decision

BUSY_MS = 10_000
_TURN = 0x73_6C_72_76  # the key of the advisory lock: any number that others do not use

_decisions = Table(
    "decisions",
    MetaData(),
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("stream", Text, nullable=False, index=True),
    Column("finding", String(64), nullable=False),
    Column("action", String(16), nullable=False),
    Column("by", String(64), nullable=False),
    Column("at", String(40), nullable=False),  # ISO 8601 in UTC: reads the same in every database
    Column("reason", Text, nullable=False),
    Column("verdict", String(16)),
    Column("product", Text),
    Column("quote", Text),
    Column("undoes", Integer),
    Column("confirms", String(64)),
    Column("settles", Boolean, nullable=False),
    Column("orphan", Boolean, nullable=False),
    Column("snapshot", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
_FIELDS = Decision.__struct_fields__
_NO_CHANGE = "decisions are only ever added"
_GUARDS = {  # the database itself refuses to change history
    "sqlite": [
        f"CREATE TRIGGER decisions_no_{change.lower()} BEFORE {change} ON decisions "
        f"BEGIN SELECT RAISE(ABORT, '{_NO_CHANGE}'); END"
        for change in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION decisions_stay() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_NO_CHANGE}'; END $$",
        "CREATE TRIGGER decisions_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON decisions "
        "FOR EACH STATEMENT EXECUTE FUNCTION decisions_stay()",
    ],
}
for _dialect, _statements in _GUARDS.items():
    for _statement in _statements:
        _ddl = DDL(_statement)  # type: ignore[no-untyped-call]
        event.listen(_decisions, "after_create", _ddl.execute_if(dialect=_dialect))

Draft = Callable[[Sequence[Decision]], Decision]


def address(workspace: Path, url: str | None) -> URL:
    """Where decisions are kept: the workspace's own file, or the database of `url`. InputError for what is no URL."""
    if url is None:
        return URL.create("sqlite", database=str(workspace / DECISIONS))
    try:
        made = make_url(url)
    except (ArgumentError, ValueError):
        raise InputError(
            "--database", "is not the address of a database", "write it like postgresql://user@host/name"
        ) from None
    if made.get_backend_name() == "postgres" or made.drivername == "postgresql":
        made = made.set(drivername="postgresql+psycopg")
    if made.get_backend_name() not in {"postgresql", "sqlite"}:
        raise InputError("--database", f"{made.get_backend_name()} is not supported", "use postgresql:// or sqlite:///")
    return made


class DecisionLog:
    """All decisions of one database, kept in memory and read on from where reading stopped.

    Safe to share between threads. Raises StoreError, one line and without any password, for what the database refuses.
    """

    def __init__(self, url: URL) -> None:
        self.name = url.render_as_string(hide_password=True)
        self._rows: list[Decision] = []
        self._lock = Lock()
        try:
            self._engine = _engine(url)
            with self._engine.begin() as connection:
                _take_turn(connection)
                _decisions.metadata.create_all(connection)
        except NoSuchModuleError:
            raise InputError("--database", "this kind of database is not known") from None
        except ImportError:
            raise InputError(
                self.name, "the driver for PostgreSQL is missing", "pip install 'streamlens-audit[team]'"
            ) from None
        except SQLAlchemyError as error:
            raise self._refused(error) from None

    def close(self) -> None:
        self._engine.dispose()

    def rows(self) -> tuple[Decision, ...]:
        """All decisions, oldest first, those of other processes too."""
        try:
            with self._lock, self._engine.connect() as connection:
                return self._read(connection)
        except SQLAlchemyError as error:
            raise self._refused(error) from None

    def add(self, draft: Draft) -> Decision:
        """Add what `draft` makes of all decisions so far; its id and time are set here.

        Nobody else can add anything between what `draft` sees and what it writes. What it raises, nothing comes of.
        """
        try:
            with self._lock, self._engine.begin() as connection:
                _take_turn(connection)
                drafted = draft(self._read(connection))
                values: dict[str, Any] = {field: getattr(drafted, field) for field in _FIELDS if field != "id"}
                values["at"] = _now(self._rows).isoformat()
                key = connection.execute(insert(_decisions).values(**values)).inserted_primary_key
                assert key is not None  # noqa: S101  of an insert of one row
                added = msgspec.structs.replace(drafted, id=key[0], at=datetime.fromisoformat(values["at"]))
            with self._lock:
                if not self._rows or self._rows[-1].id < added.id:
                    self._rows.append(added)
            return added
        except SQLAlchemyError as error:
            raise self._refused(error) from None

    def _read(self, connection: Connection) -> tuple[Decision, ...]:
        last = self._rows[-1].id if self._rows else 0
        newer = connection.execute(select(_decisions).where(_decisions.c.id > last).order_by(_decisions.c.id))
        for row in newer.mappings():
            self._rows.append(Decision(**{**row, "at": datetime.fromisoformat(row["at"])}))
        return tuple(self._rows)

    def _refused(self, error: SQLAlchemyError) -> StoreError:
        cause = str(getattr(error, "orig", None) or error).strip().splitlines() or [type(error).__name__]
        return StoreError(self.name, f"the database of decisions refuses: {cause[0]}", "check the address and rights")


def _now(rows: Sequence[Decision]) -> datetime:
    """Now, and never before the newest decision: a clock that was set back must not turn history round."""
    now = datetime.now(UTC).replace(microsecond=0)
    return max(now, rows[-1].at) if rows else now


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_MS / 1000, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _: object) -> None:
        connection.isolation_level = None  # transactions begin where this file says so
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        cursor.execute("PRAGMA journal_mode=WAL")  # readers and a writer at the same time
        cursor.execute("PRAGMA synchronous=FULL")  # what was acknowledged survives a power cut
        cursor.close()

    return engine


def _take_turn(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _TURN})
