"""The processes: console script, serve, demo.

The roles that `bootstrap` built are started here; next, `interfaces` answers.
"""
