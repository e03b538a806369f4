"""The load: letters, and a client process that hands them over."""
