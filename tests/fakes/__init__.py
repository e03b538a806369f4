"""Fakes behind the ports: small, honest, held to the same contract tests as the real things."""
