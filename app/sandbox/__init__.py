"""Instances in memory that speak the real APIs: for the demo, for tests, for frontend developers.

They answer as the real servers were measured to, and the contract suite holds them to recorded
answers and to a real wiki.
"""
