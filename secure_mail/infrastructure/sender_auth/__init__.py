"""What DNS proves of a sender: SPF, DKIM, DMARC and ARC under a strict policy of ours.

Asked by `application/intake` after the dot.
"""
