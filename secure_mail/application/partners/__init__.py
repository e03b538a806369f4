"""Registered organisations and what they must prove.

Next: `application/intake` judges their mail by it.
"""
