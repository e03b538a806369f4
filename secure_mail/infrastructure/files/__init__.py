"""Uploads, looked at while they stream: one file per kind of content, nothing is decoded.

Next: the web door seals what a filter lets through.
"""
