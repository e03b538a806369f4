"""Tests, by tier: unit, usecase, contract, journey, hostile, browser, install."""
