"""Notifications: people are told what happened."""
