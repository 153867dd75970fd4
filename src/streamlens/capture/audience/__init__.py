"""Readers of comments, viewers and orders, as recorders, fetchers and shops write them."""
