"""The ports of the store over one transaction, one module per port module.

Next: `unit_of_work` opens the transaction.
"""
