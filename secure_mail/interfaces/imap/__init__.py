"""The IMAP door: an institution's existing mailbox, emptied without losing a message.

Next: the gate in `application/intake`.
"""
