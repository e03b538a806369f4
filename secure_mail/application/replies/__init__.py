"""From an answer to its reader: notice, code, reading session.

Last station of the way.
"""
