"""Doors out: each port's implementation, one library each.

Next: the disk, the network, the other side.
"""
