"""Mail catcher of the local stack: takes every mail and short message, delivers none, shows them to whoever looks."""
