"""From an address to a session that may write.

Next: `application/intake` takes what is written.
"""
