"""The JSON API: one module of endpoints per service, and how an endpoint is made."""
