"""The composition root: builds the parts of a process and the apps of its roles.

Next: `run` starts them.
"""
