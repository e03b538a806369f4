"""A dramatiq broker by URL; no global broker is ever set."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import Callbacks, Retries, ShutdownNotifications, TimeLimit

if TYPE_CHECKING:
    import dramatiq


def broker_from_url(url: str) -> dramatiq.Broker:
    """`memory://` (this process), `redis://`, `rediss://`, `amqp://` or `amqps://`.

    Retries are the outbox's business: the broker's own are off (`max_retries=0` on the actor).
    Raises ValueError for another scheme.
    """
    middleware: list[dramatiq.Middleware] = [
        TimeLimit(),
        ShutdownNotifications(),
        Callbacks(),
        Retries(max_retries=0),
    ]
    match urlsplit(url).scheme:
        case "memory":
            return StubBroker(middleware=middleware)
        case "redis" | "rediss":
            from dramatiq.brokers.redis import RedisBroker  # noqa: PLC0415 - optional peer

            return RedisBroker(url=url, middleware=middleware, dead_message_ttl=60_000)
        case "amqp" | "amqps":
            from dramatiq.brokers.rabbitmq import RabbitmqBroker  # noqa: PLC0415 - optional peer

            return RabbitmqBroker(url=url, middleware=middleware)
        case scheme:
            msg = f"no broker for {scheme}://"
            raise ValueError(msg)
