"""The words of messages: dated data (`owners`, `officers`) and how a message is made of them (`rendering`)."""
