"""Rules: who is told what, in which words, and when it is tried again. No input or output in here."""
