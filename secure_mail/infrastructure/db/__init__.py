"""The store: tables, repositories, unit of work, commit queue, migrations.

Next: SQLite or PostgreSQL.
"""
