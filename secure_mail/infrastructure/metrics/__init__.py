"""Counters and gauges for the operator.

Next: the metrics address.
"""
