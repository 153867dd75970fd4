"""Scripted experiments: a file says what is asked of which data; each cell of its grid is computed once and kept."""
