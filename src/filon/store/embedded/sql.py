"""DuckDB over what a store shows, for the named queries. It opens no file: everything it sees is Arrow in memory or mapped.

External access, extensions and its own configuration are switched off before a query runs; values are always bound.
"""

from collections.abc import Mapping
from pathlib import Path
from threading import Lock, local

import duckdb
import pyarrow as pa

from filon.errors import StoreError
from filon.store.queries import Named

__all__ = ["Sql"]

_MEMORY = "1GB"


class Sql:
    """Connections to an empty database, one a thread. ``temporary``: a folder of the case for what does not fit."""

    def __init__(self, temporary: Path) -> None:
        self._temporary = temporary
        self._local = local()
        self._open: list[duckdb.DuckDBPyConnection] = []
        self._lock = Lock()

    def run(self, query: Named, views: Mapping[str, pa.Table], values: Mapping[str, object]) -> pa.Table:
        """The answer to a named query over these views."""
        bound = _checked(query, values)
        connection = self._connection()
        names = list(views)
        try:
            for name in names:
                connection.register(name, views[name])
            answer: pa.Table = connection.sql(query.sql, params=bound).to_arrow_table()
            return answer
        except duckdb.Error as error:
            raise StoreError("query {name} failed: {reason}", name=query.name, reason=str(error)) from error
        finally:
            for name in names:
                connection.unregister(name)

    def close(self) -> None:
        """Give back all connections."""
        with self._lock:
            for connection in self._open:
                connection.close()
            self._open.clear()
            self._local = local()

    def _connection(self) -> duckdb.DuckDBPyConnection:
        held: duckdb.DuckDBPyConnection | None = getattr(self._local, "connection", None)
        if held is None:
            held = _connect(self._temporary)
            self._local.connection = held
            with self._lock:
                self._open.append(held)
        return held


def _connect(temporary: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": _MEMORY,
            "temp_directory": str(temporary),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",
        },
    )
    connection.execute("SET enable_external_access = false; SET lock_configuration = true")
    return connection


def _checked(query: Named, values: Mapping[str, object]) -> dict[str, object]:
    """The values of a query, None for those that were left out; ``StoreError`` for a wrong name or type."""
    unknown = sorted(set(values) - set(query.values))
    if unknown:
        raise StoreError("query {name} takes no {value}", name=query.name, value=unknown[0])
    bound = {name: values.get(name) for name in query.values}
    for name, types in query.values.items():
        if not isinstance(bound[name], types) or isinstance(bound[name], bool):
            raise StoreError(
                "query {name} cannot take {value} for {what}", name=query.name, value=bound[name], what=name
            )
    return bound
