"""Everything that speaks AMQP: pika in plain threads, kombu in nameko's containers. No other package imports either."""
