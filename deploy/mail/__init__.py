"""Mail catcher of the local stack: takes every mail, delivers none, shows them to whoever looks."""
