"""What use cases ask of the world, by concern.

Next: `infrastructure` answers each Protocol.
"""
