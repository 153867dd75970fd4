"""The local web app in which people accept, dismiss and correct findings, and what becomes of their decisions."""

DECISIONS = "review.sqlite"  # in the workspace, unless a team has a database of its own
