"""What a relay tells of itself: sums and times of its own work. No label names a mailbox, a phone or an address."""

from collections.abc import Sequence

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from filon_net.relay.asks import Outcome
from filon_net.relay.errors import OutcomeUnknown, StoreFailed
from filon_net.relay.writer import Job
from filon_net.wire import Code
from filon_net.wire.frames import Acked, Claimed, Opened, Posted

__all__ = ["Metrics"]

_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)


class Metrics:
    """The figures of one process, in a registry of its own."""

    def __init__(self) -> None:
        own = self._registry = CollectorRegistry()
        self.connections = Gauge("filon_relay_connections", "Connections held now", registry=own)
        self.owners = Gauge("filon_relay_owners", "Mailboxes open on a connection now", registry=own)
        self.queued = Gauge("filon_relay_queued_bytes", "Bytes queued for phones", registry=own)
        self.waiting = Gauge("filon_relay_waiting_requests", "Requests that wait for a commit", registry=own)
        self.delivered = Counter("filon_relay_delivered", "Blobs sent to their owners", registry=own)
        self.turned_away = Counter("filon_relay_turned_away", "Connections over the cap", registry=own)
        self.reload_failures = Counter(
            "filon_relay_reload_failures", "Files of operators that could not be read", registry=own
        )
        self._done = Counter("filon_relay_done", "Durable requests", ["what"], registry=own)
        self._acked = Counter("filon_relay_erased", "Blobs erased on acknowledgement", registry=own)
        self._expired = Counter("filon_relay_expired", "Blobs erased at their expiry", registry=own)
        self._refused = Counter("filon_relay_refused", "Requests refused", ["code"], registry=own)
        self._closed = Counter("filon_relay_closed", "Connections the relay ended", ["code"], registry=own)
        self._failures = Counter("filon_relay_store_failures", "Batches the store did not keep", ["kept"], registry=own)
        self._sizes = Histogram("filon_relay_batch_requests", "Requests in one commit", buckets=_SIZES, registry=own)
        self._seconds = Histogram("filon_relay_commit_seconds", "Time of one commit", buckets=_SECONDS, registry=own)
        self.store_well = True

    def batch(self, batch: Sequence[Job], outcomes: list[Outcome] | StoreFailed, seconds: float) -> None:
        """Count one commit."""
        self._sizes.observe(len(batch))
        self._seconds.observe(seconds)
        self.store_well = not isinstance(outcomes, StoreFailed)
        if isinstance(outcomes, StoreFailed):
            self._failures.labels("unknown" if isinstance(outcomes, OutcomeUnknown) else "no").inc()
            return
        counts: dict[str, int] = {}
        for outcome in outcomes:
            answer = outcome.answer
            if isinstance(answer, Acked):
                self._acked.inc(answer.count)
            elif isinstance(answer, Posted | Opened | Claimed):
                name = type(answer).__name__.lower()
                counts[name] = counts.get(name, 0) + 1
        for name, count in counts.items():
            self._done.labels(name).inc(count)

    def refused(self, code: Code) -> None:
        """Count a refusal."""
        self._refused.labels(str(int(code))).inc()

    def closed(self, code: Code) -> None:
        """Count a connection that the relay ended."""
        self._closed.labels(str(int(code))).inc()

    def swept(self, count: int) -> None:
        """Count what expired."""
        self._expired.inc(count)

    def text(self) -> tuple[str, bytes]:
        """Content type and body in the format of Prometheus."""
        return CONTENT_TYPE_LATEST, generate_latest(self._registry)
