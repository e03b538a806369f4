"""The web door: three ASGI apps, public, reading and staff.

Next: `application`, by the use cases of each app.
"""
