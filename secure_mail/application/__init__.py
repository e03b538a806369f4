"""Verbs: one use case, one class, one transaction.

Next: `domain` decides, `application/ports` reach the world.
"""
