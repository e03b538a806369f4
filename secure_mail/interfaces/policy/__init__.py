"""The relay's question: may this sender write to this mailbox? Answered while the sender waits.

Next: `application/intake/check_recipient.py`, which the SMTP door asks at the same moment.
"""
