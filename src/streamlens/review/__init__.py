"""The local web app in which people accept, dismiss and correct findings, and what becomes of their decisions."""
