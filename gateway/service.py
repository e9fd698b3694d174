"""What the gateway answers and hears over RabbitMQ: the process `accounts`. HTTP is gateway/app.py."""

from __future__ import annotations

from chassis.runtime import Service


class GatewayService(Service):
    """The accounts, as services and operators see them: events heard and published, and the record."""

    name = "gateway"
