"""Secure mail between a public body and people who have no other electronic way in.

The way of a message: a door (`interfaces/web`, `interfaces/smtp`) streams what arrives into the
gate (`application/intake`), which has it sealed (`infrastructure/vault`) and stored
(`infrastructure/db`, `infrastructure/blobs`) in one transaction before the door says "accepted".
The outbox (`infrastructure/broker`) wakes a worker (`interfaces/worker`), which takes the message
through the stations of `application/processing`, by the nouns and rules of `domain`, into a case
in a queue. Staff read and answer it (`interfaces/web/staff`, `application/casework`); the answer
is announced by `infrastructure/mailer` and read over `application/replies`. `bootstrap` puts the
parts together, `run` starts the processes.
"""

__version__ = "0.1.0"
