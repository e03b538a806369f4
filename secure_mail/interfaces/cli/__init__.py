"""The operator's door: one file per command group.

Next: `application`, by the use cases of `OperatorApp`.
"""
