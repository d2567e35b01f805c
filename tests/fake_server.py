"""A small OpenAI-compatible server for tests: it answers what it is told to, well or badly."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class FakeServer:
    """`reply` gives the body for a request: a text is an answer, bytes are sent as they are, a number is a status."""

    reply: Callable[[dict[str, Any]], str | bytes | int]
    delay: float = 0.0
    finish: str = "stop"
    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@contextlib.contextmanager
def serving(server: FakeServer) -> Iterator[FakeServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.requests.append(request | {"path": self.path})
            server.headers.append(dict(self.headers.items()))
            time.sleep(server.delay)
            status, body = _response(server, request)
            with contextlib.suppress(OSError):  # who asked may have gone
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    server.url = f"http://127.0.0.1:{listening.server_port}/v1"
    try:
        yield server
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()


def _response(server: FakeServer, request: dict[str, Any]) -> tuple[int, bytes]:
    reply = server.reply(request)
    if isinstance(reply, int):
        return reply, json.dumps({"error": {"message": "no such model"}}).encode()
    if isinstance(reply, bytes):
        return 200, reply
    choice = {"message": {"role": "assistant", "content": reply}, "finish_reason": server.finish}
    return 200, json.dumps({"choices": [choice], "usage": {"completion_tokens": 7}}).encode()
