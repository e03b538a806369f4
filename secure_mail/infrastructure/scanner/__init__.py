"""Malware scanners behind the port `Scanner`."""
