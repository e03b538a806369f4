"""Who is measured: each a process of its own, started once per case."""
