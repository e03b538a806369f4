"""The SMTP door: partners' mail, refused by the letter or streamed on.

Next: the gate in `application/intake`.
"""
