"""Pages of the reading session: address, code, status, answers.

Next: `application/replies`.
"""
