"""Sweeps, the ledger's proof and staff accounts of the operator.

Beside the way, after every station.
"""
