"""Keys, sealing and opening; the only place that knows cryptography.

`key_making` makes a key folder, `key_ring` hands a role its keys. Next: `blobs` and `db` keep what
came out.
"""
