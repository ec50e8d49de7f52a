"""Subscriptions: a list that is read on, upwards, whenever something may have arrived."""
