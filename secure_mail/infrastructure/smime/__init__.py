"""S/MIME: the octets are cut here, openssl verifies and decrypts in a process of its own.

Next: `application/processing` judges what a signature proves.
"""
