"""Tables, and the SQL that is worth a name."""
