"""The stations from a stored message to a filed one.

Next: `application/casework`.
"""
