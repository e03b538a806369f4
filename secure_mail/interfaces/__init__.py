"""Doors in: bytes to commands, outcomes to answers.

Next: `application` carries the command out.
"""
