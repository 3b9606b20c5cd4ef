"""Answers that must not differ: to what is hidden, and to what does not exist."""


def told(response, *secrets):
    """All that an answer tells, but what was asked for and when; streamed or not."""
    text = response.content.decode()
    for secret in secrets:
        text = text.replace(str(secret), "…")
    headers = {name: value for name, value in response.items() if name != "Content-Length"}
    return response.status_code, headers, text


def same(ask, hidden, absent):
    """What is hidden and what does not exist get the same answer."""
    one, other = ask(hidden), ask(absent)
    assert told(one, hidden) == told(other, absent)
    return one
