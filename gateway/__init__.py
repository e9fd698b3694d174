"""The edge of the platform: the JSON API, accounts, and the pages for people. Nothing behind it speaks HTTP."""
