"""What is on record: who did or saw what, when, on whose behalf and why, in rows that can't be changed unnoticed.

`chain` ties every row to the one before it, with `keys`; `check` finds what was changed, `anchors` keeps the ends of the
chains elsewhere.
"""
