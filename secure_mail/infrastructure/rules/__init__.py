"""From `routing_rules.yaml` to the domain's rule set, patterns compiled.

Next: `domain/routing` evaluates it.
"""
