"""Sealed content too large for a row: on this machine's disk, or in S3-compatible storage.

`open_blobs` chooses by URL. Next: the rows of `db` name what was kept here.
"""
