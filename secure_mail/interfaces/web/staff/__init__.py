"""Pages of the staff: queues, cases, held messages, accounts.

Next: `application/casework`.
"""
