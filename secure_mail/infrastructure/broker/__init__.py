"""Hints that work is waiting; the truth is the outbox.

Next: `interfaces/worker` hears them.
"""
