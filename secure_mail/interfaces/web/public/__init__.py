"""Pages without a right to read: start, eligibility, link, compose, receipt, stop.

Next: `application/links` and `intake`.
"""
