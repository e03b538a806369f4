"""The worker's door: actors that take an id from the broker.

Next: `application/processing`, `links`, `replies`.
"""
