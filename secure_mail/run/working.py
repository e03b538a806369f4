"""The worker role: dispatcher, broker and threads that run jobs."""

from __future__ import annotations

from functools import partial

from secure_mail.bootstrap.inside import worker_app
from secure_mail.bootstrap.parts import Parts
from secure_mail.infrastructure.broker.brokers import broker_from_url
from secure_mail.interfaces.worker.actors import ActorHints, declare, run_job
from secure_mail.interfaces.worker.dispatcher import Dispatcher
from secure_mail.interfaces.worker.threads import WorkerThreads


class Working:
    """Starts what works through the outbox; `stop` lets running jobs finish."""

    def __init__(self, parts: Parts) -> None:
        settings = parts.settings
        app = worker_app(parts)
        broker = broker_from_url(settings.broker_url.get_secret_value())
        self._dispatcher = Dispatcher(app.claim_work, parts.bell, settings.worker_threads)
        actor = declare(broker, self._dispatcher.counted(partial(run_job, app)))
        self._dispatcher.send_by(ActorHints(actor))
        self._threads = WorkerThreads(broker, settings.worker_threads)

    @property
    def turning(self) -> bool:
        return self._dispatcher.turning

    def start(self) -> None:
        self._threads.start()
        self._dispatcher.start()

    def stop(self) -> None:
        self._dispatcher.stop()
        self._threads.stop()
