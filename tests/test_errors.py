from streamlens.errors import InputError


def test_a_message_shows_the_ends_of_what_is_too_long_to_read() -> None:
    error = InputError("catalog.csv: row 2", f"id {'9' * 5000!r} is used twice", "give each its own")
    assert len(str(error)) < 500
    assert str(error).startswith("catalog.csv: row 2: id '999") and str(error).endswith(
        "is used twice; give each its own"
    )


def test_a_message_is_one_line() -> None:
    assert str(InputError("a\nb", "c\r\n d", "e\tf")) == "a b: c d; e f"
