"""A Chromium for what runs in pages and their workers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from playwright.sync_api import Page, Route, sync_playwright

from bench import build, machine
from scripts import chromium


@contextmanager
def page(site: str, profile: Path, core: int) -> Iterator[Page]:
    """An empty page of a site, with what was built below `/bench/`; what it keeps is in `profile`."""
    mine = psutil.Process()
    before = mine.cpu_affinity()
    machine.pin(mine, core)
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=chromium.find(),
            # Chromium has no sandbox for root, and takes a page put in a server's place for a stranger.
            args=["--no-sandbox", "--disable-features=LocalNetworkAccessChecks"],
        )
        mine.cpu_affinity(before)
        context.route(f"{site}/bench/*", _answer)
        shown = context.new_page()
        shown.goto(f"{site}/bench/page")
        yield shown
        context.close()


def renderers() -> list[psutil.Process]:
    """The processes in which pages and their workers run."""
    children = psutil.Process().children(recursive=True)
    return [each for each in children if "--type=renderer" in each.cmdline()]


def _answer(route: Route) -> None:
    script = build.sealed_scripts() / route.request.url.rpartition("/")[2]
    if script.suffix:
        route.fulfill(path=script, content_type="text/javascript")
    else:
        route.fulfill(content_type="text/html", body="<!doctype html>")
