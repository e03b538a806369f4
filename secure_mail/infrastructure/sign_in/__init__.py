"""Proving that a member of staff is who they say: passwords and one-time codes.

Next: a session of the staff pages.
"""
