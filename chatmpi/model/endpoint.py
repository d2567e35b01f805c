"""A model behind an OpenAI-compatible server: Ollama, vLLM, llama.cpp, `transformers serve`, or OpenAI itself."""

from __future__ import annotations

import http.client
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

from chatmpi.analysis.diagnostics import ChatmpiError, Diagnostic, UsageError
from chatmpi.model.asking import Answer, Question, Sampling, Shown

OLLAMA = "http://localhost:11434/v1"
OPENAI = "https://api.openai.com/v1"
KEYS = ("CHATMPI_API_KEY", "OPENAI_API_KEY")

_LIMIT = 16 * 1024 * 1024  # bytes of an answer; more is no program


class EndpointFailed(ChatmpiError):
    """The server is down, slow, refuses, or answers what cannot be read."""

    exit_status = 2


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The key goes to the server that was named, and to no other."""

    def redirect_request(self, *arguments: Any, **named: Any) -> None:
        return None


@dataclass(frozen=True)
class Endpoint:
    """`url` ends before `/chat/completions`. The key comes from the environment."""

    url: str
    model: str
    timeout: float = 300.0

    @property
    def name(self) -> str:
        return f"{self.model} at {self.url}"

    def answer(self, question: Question, sampling: Sampling, shown: Shown | None = None) -> Answer:
        began = time.monotonic()
        system = [{"role": "system", "content": question.system}] if question.system else []
        limit = "max_completion_tokens" if self.url.startswith(OPENAI) else "max_tokens"
        request = {
            "model": self.model,
            "messages": [*system, {"role": "user", "content": question.user}],
            limit: sampling.tokens,
            "temperature": sampling.temperature,
            "seed": sampling.seed,
        }
        content = self._post("/chat/completions", request)
        text, cut = self._read(content)
        usage = content.get("usage")
        tokens = usage.get("completion_tokens") if isinstance(usage, dict) else None
        if shown:
            shown(text)
        counted = tokens if isinstance(tokens, int) else len(text.split())
        return Answer(text, counted, time.monotonic() - began, cut)

    def _read(self, content: dict[str, Any]) -> tuple[str, bool]:
        try:
            choice = content["choices"][0]
            text = choice["message"]["content"]
        except (LookupError, TypeError):
            raise self._failed("answers without a message", "is it OpenAI-compatible?") from None
        if not isinstance(text, str):
            raise self._failed("answers with a message that has no text", "does the model write text?")
        return text, choice.get("finish_reason") == "length"

    def _post(self, path: str, request: dict[str, Any]) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        key = next((os.environ[name] for name in KEYS if os.environ.get(name)), "")
        if key:
            headers["Authorization"] = f"Bearer {key}"
        try:
            asked = urllib.request.Request(self.url + path, json.dumps(request).encode(), headers)
            with urllib.request.build_opener(_NoRedirect()).open(asked, timeout=self.timeout) as response:
                content = response.read(_LIMIT + 1)
        except urllib.error.HTTPError as error:
            raise self._refused(error) from None
        except TimeoutError:
            hint = "a larger --timeout, a smaller model, or fewer --max_response_tokens"
            raise self._failed(f"did not answer within {self.timeout:g} seconds", hint) from None
        except (urllib.error.URLError, OSError, http.client.HTTPException, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            if isinstance(reason, TimeoutError):
                raise self._failed(f"did not answer within {self.timeout:g} seconds", "a larger --timeout") from None
            hint = "is the server running, and the address right?"
            raise self._failed(f"cannot be reached: {reason}", hint) from None
        if len(content) > _LIMIT:
            raise self._failed(f"answers with more than {_LIMIT // 1024**2} MiB")
        try:
            decoded = json.loads(content)
        except (ValueError, RecursionError):
            hint = "is it OpenAI-compatible? Its address often ends in /v1"
            raise self._failed("answers what is not JSON", hint) from None
        if not isinstance(decoded, dict):
            raise self._failed("answers what is no object", "is it OpenAI-compatible?")
        return decoded

    def _refused(self, error: urllib.error.HTTPError) -> EndpointFailed:
        try:
            said = json.loads(error.read(4096))
            about = said["error"]["message"] if isinstance(said["error"], dict) else said["error"]
        except (ValueError, LookupError, TypeError, OSError):
            about = error.reason
        hints = {
            401: f"its key is read from {' or '.join(KEYS)}",
            403: f"its key is read from {' or '.join(KEYS)}",
            404: "is there such a model, and does the address end in /v1?",
            429: "too many requests: try again later",
        }
        hint = hints.get(error.code, "the server's own log says more" if error.code >= 500 else "")
        return self._failed(f"refuses ({error.code}): {' '.join(str(about).split())[:300]}", hint)

    def _failed(self, what: str, hint: str = "") -> EndpointFailed:
        return EndpointFailed(Diagnostic("error", f"the server {self.url} {what}", hint=hint))


def endpoint(url: str, model: str, timeout: float) -> Endpoint:
    """Raises UsageError for an address that is none, or without a model's name."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        message = f"{url!r} is no address of a server"
        raise UsageError(Diagnostic("error", message, hint=f"for example --endpoint {OLLAMA}"))
    if not model:
        raise UsageError(Diagnostic("error", "which model shall the server use?", hint="say it with --model-name NAME"))
    path = parts.path.rstrip("/").removesuffix("/chat/completions") or "/v1"
    return Endpoint(urllib.parse.urlunsplit((parts.scheme, parts.netloc, path, "", "")), model, timeout)
