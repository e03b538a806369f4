"""The gate: what arrives is sealed, judged by its envelope and stored.

Next: `application/processing`.
"""
