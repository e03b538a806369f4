"""The store in memory: dictionaries, transactions by copying, the databases' contract."""

from tests.fakes.store.units import FakeStore, FakeUnit

__all__ = ["FakeStore", "FakeUnit"]
