"""Mail out: a relay by SMTP, a maildir in the demo.

Last station of a notice.
"""
