"""Real servers for contract and later tests: started once per run, on free loopback ports."""
