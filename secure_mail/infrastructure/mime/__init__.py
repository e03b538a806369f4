"""From raw bytes to parts, headers and text.

Next: the stations of `application/processing` judge them.
"""
