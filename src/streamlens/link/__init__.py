"""Engagement against sales: what sold, what goes along with it, and what can be said to cause it."""
