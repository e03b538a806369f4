"""What the rules file says, as values, and what it decides about one message.

Next station: `application/processing` files, refuses or holds what was decided.
"""
