"""The registry's rules: pure functions and plain values; no database, no network, no files."""
