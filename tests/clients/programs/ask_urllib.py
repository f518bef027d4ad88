"""Asks with Python's urllib: the address is the first argument, or the live API's."""

import json
import sys
import urllib.request

base = sys.argv[1] if len(sys.argv) > 1 else "https://generativelanguage.googleapis.com"
for stream in (False, True):
    body = {"model": "gemini-3.5-flash", "input": "Hi", "stream": stream}
    request = urllib.request.Request(f"{base}/v1beta/interactions", json.dumps(body).encode())
    with urllib.request.urlopen(request) as answer:
        print(answer.read().decode())
