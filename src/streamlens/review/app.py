"""The web app: addresses become calls of the desk, and what comes of them becomes JSON."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, unquote

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from streamlens import __version__
from streamlens.errors import InputError, StreamlensError
from streamlens.report.messages import catalogue
from streamlens.review import shown
from streamlens.review.desk import Asked, Contradicts, Desk, Missed, Refused, Wanted
from streamlens.review.media import part_response
from streamlens.review.safety import SECURITY_HEADERS, Door, Guard

HERE = Path(__file__).parent
REVIEWER = "streamlens_reviewer"
LONGEST_NAME = 40
MOST = 10_000  # items of one answer
_WORDS = ("review.", "verdict.", "verdict_help.", "kind.", "severity.", "channel.", "step.", "stance.", "document.")

T = TypeVar("T")
Answer = Callable[[Request], Awaitable[Response]]


class Me(msgspec.Struct, forbid_unknown_fields=True):
    name: str


def make_app(desk: Desk, door: Door, lang: str, reviewer: str = "") -> Starlette:
    """The app over a desk; `reviewer` is who works here until somebody gives another name."""
    texts = {code: text for code, text in sorted(catalogue(lang).items()) if code.startswith(_WORDS)}
    pages = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined)

    def page(request: Request) -> Response:
        return HTMLResponse(pages.get_template("review.html").render(lang=lang, version=__version__, texts=texts))

    def me(request: Request) -> Response:
        rows = desk.log.rows()
        last = rows[-1].id if rows else 0
        return JSONResponse({"reviewer": who(request), "lang": lang, "version": __version__, "last": last})

    def streams(request: Request) -> Response:
        return JSONResponse([shown.stream_row(desk, stream) for stream in desk.streams()])

    def stream(request: Request) -> Response:
        return JSONResponse(shown.stream_detail(desk, desk.stream(request.path_params["stream"])))

    def waveform(request: Request) -> Response:
        peaks = desk.peaks(desk.stream(request.path_params["stream"]))
        return JSONResponse({"step_ms": peaks.step_ms, "peaks": peaks.peaks})

    def queue(request: Request) -> Response:
        asked = request.query_params
        names = Wanted.__struct_fields__
        wanted = Wanted(**{name: asked[name][:200] for name in names if asked.get(name)})
        offset, limit = _number(asked.get("offset", "0")), min(MOST, _number(asked.get("limit", "100")))
        entries, counts = desk.queue(wanted, lang)
        return JSONResponse(
            {
                "total": len(entries),
                "counts": {state: counts[state] for state in ("open", "decided", "disputed", "moved")},
                "items": [shown.item(*each, lang) for each in entries[offset : offset + limit]],
            }
        )

    def finding(request: Request) -> Response:
        found = desk.stream(request.path_params["stream"])
        entry = desk.entry(found, request.path_params["finding"])
        return JSONResponse(shown.detail(desk, found, entry, lang))

    def changes(request: Request) -> Response:
        last, changed = desk.changes(_number(request.query_params.get("after", "0")))
        return JSONResponse({"last": last, "items": [shown.item(*each, lang) for each in changed]})

    def media(request: Request) -> Response:
        return part_response(desk.stream(request.path_params["stream"]), request.path_params["number"])

    async def decide(request: Request) -> Response:
        asked, by = _read(await request.body(), Asked), _named(who(request))
        found, entry, made = await run_in_threadpool(desk.decide, asked, by)
        answer = {"item": shown.item(found, entry, lang), "decision": shown.decision(made), "disputed": entry.disputed}
        return JSONResponse(answer)

    async def missed(request: Request) -> Response:
        asked, by = _read(await request.body(), Missed), _named(who(request))
        found, entry, made = await run_in_threadpool(desk.add_missed, asked, by)
        return JSONResponse({"item": shown.item(found, entry, lang), "decision": shown.decision(made)})

    async def rename(request: Request) -> Response:
        name = _named(_read(await request.body(), Me).name)
        answer = JSONResponse({"reviewer": name})
        answer.set_cookie(REVIEWER, quote(name), max_age=31_536_000, httponly=True, samesite="lax", path="/")
        return answer

    def who(request: Request) -> str:
        """The reviewer as the browser says; one token is for one team, so names are not proven."""
        with suppress(Refused):
            return _named(unquote(request.cookies.get(REVIEWER, "")))
        return reviewer

    async def contradicts(request: Request, error: Exception) -> Response:
        assert isinstance(error, Contradicts)  # noqa: S101
        found = desk.stream(error.entry.decisions[-1].stream)
        line = f"{error.by} decided otherwise meanwhile; look at it and decide again"
        return JSONResponse({"error": line, "item": shown.item(found, error.entry, lang)}, 409)

    app = Starlette(
        routes=[
            Route("/", page),
            Route("/api/me", me, methods=["GET"]),
            Route("/api/me", rename, methods=["POST"]),
            Route("/api/streams", streams),
            Route("/api/streams/{stream}", stream),
            Route("/api/streams/{stream}/waveform", waveform),
            Route("/api/queue", queue),
            Route("/api/findings/{stream}/{finding}", finding),
            Route("/api/changes", changes),
            Route("/api/decisions", decide, methods=["POST"]),
            Route("/api/missed", missed, methods=["POST"]),
            Route("/media/{stream}/{number:int}", media),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        middleware=[Middleware(Guard, door=door)],
        exception_handlers={
            Refused: _refused,
            Contradicts: contradicts,
            StreamlensError: _failed,
            HTTPException: _http,
            Exception: _broke,
        },
    )
    return app


def _read(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(f"not what was asked for: {error}") from None


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(f"say who you are first: a name of 1 to {LONGEST_NAME} characters")
    return name


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise Refused(f"{text[:20]!r} is not a number")
    return int(text)


async def _refused(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 404 if request.method in {"GET", "HEAD"} else 400)


async def _failed(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 404 if isinstance(error, InputError) else 503)


async def _broke(request: Request, error: Exception) -> Response:
    line = f"internal error: {type(error).__name__}; nothing was written down"
    return JSONResponse({"error": line}, 500, SECURITY_HEADERS)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)
