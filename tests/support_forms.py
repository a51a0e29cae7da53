"""The forms of a page that a running service sent: filled in and sent back, as a browser without scripts would."""

from __future__ import annotations

import re

import httpx


def post_form(client: httpx.Client, page: httpx.Response, action: str, **fields: str) -> httpx.Response:
    """Send the form of `page` that goes to `action`, with its hidden fields."""
    forms = re.findall(r"<form.*?</form>", page.text, flags=re.DOTALL)
    fitting = [form for form in forms if f'action="{action}"' in form]
    assert fitting, f"no form goes to {action} from {page.url}: {re.findall(r'action=.[^ ]*', page.text)}"
    form = fitting[0]
    hidden = {}
    for tag in re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", form):
        hidden[re.search(r'name="([^"]*)"', tag)[1]] = re.search(r'value="([^"]*)"', tag)[1]
    return client.post(action, data=hidden | fields, headers={"Origin": str(client.base_url).rstrip("/")})
