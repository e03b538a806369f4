"""Queues and cases: read, assign, answer, transfer, close.

Next: `application/replies`.
"""
