"""Nouns and rules, pure.

No next station: everything else looks here.
"""
