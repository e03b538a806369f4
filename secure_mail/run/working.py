"""The worker role: dispatcher, broker and threads that run jobs."""

from __future__ import annotations

from functools import partial

import structlog

from secure_mail.bootstrap.parts import Parts
from secure_mail.bootstrap.worker import worker_app
from secure_mail.infrastructure.broker.brokers import broker_from_url
from secure_mail.interfaces.worker.actors import ActorHints, declare, run_job
from secure_mail.interfaces.worker.dispatcher import Dispatcher
from secure_mail.interfaces.worker.threads import WorkerThreads
from secure_mail.run.lock import Place
from secure_mail.settings import Settings

log = structlog.get_logger("worker")


class Working:
    """Starts what works through the outbox; `stop` lets running jobs finish."""

    def __init__(self, parts: Parts) -> None:
        settings = parts.settings
        app = worker_app(parts)
        broker = broker_from_url(settings.broker_url.get_secret_value())
        self._dispatcher = Dispatcher(
            app.claim_work, app.give_back_work, parts.bell, settings.worker_threads
        )
        actor = declare(broker, self._dispatcher.counted(partial(run_job, app)))
        self._dispatcher.send_by(ActorHints(actor))
        self._threads = WorkerThreads(broker, settings.worker_threads)
        self._take_back = app.take_back_work
        self._place = Place(settings.data_dir) if _embedded(settings) else None

    @property
    def turning(self) -> bool:
        return self._dispatcher.turning

    def start(self) -> None:
        if self._place is not None and self._place.taken_alone():
            # Whoever had claimed these was ended with its machine or by a signal.
            log.info("worker.took-back", jobs=self._take_back())
        self._threads.start()
        self._dispatcher.start()

    def stop(self) -> None:
        self._dispatcher.stop()
        self._threads.stop()
        if self._place is not None:
            self._place.leave()


def _embedded(settings: Settings) -> bool:
    """Over SQLite every worker is on this machine, so one can know that it is the only one."""
    return settings.database_url.get_secret_value().startswith("sqlite:")
