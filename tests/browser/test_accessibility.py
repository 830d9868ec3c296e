"""axe-core on every page, light and dark: nothing serious, nothing critical."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, expect

from tests.browser.console import Console, hire, open_console, project, robot, set_up
from tests.nodes import RunningNode, StockClient, until
from ymera_client import Run

AXE = Path(__file__).parents[2] / "client-sdk/node_modules/axe-core/axe.min.js"
RUN = """() => axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
  violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, help, nodes }) =>
      `${id}, ${help}: ${nodes.map(({ html }) => html.slice(0, 150)).join(" | ")}`)
)"""
STILL = """async () => {
  const moving = document.getAnimations()
    .filter(({ effect }) => effect.getComputedTiming().iterations < 9);
  while (moving.some(({ playState }) => playState === "running"))
    await new Promise((resolve) => {
      requestAnimationFrame(resolve);
      setTimeout(resolve, 50);
    });
}"""
"""Until what moves has come to rest: looked at again, since a browser with nothing to draw tells nobody."""
LOOK_SECONDS = 60
BACKGROUND = "() => getComputedStyle(document.body).backgroundColor"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


class Inspection:
    """What axe-core finds wrong on pages as they stand, light and dark, once nothing moves any more."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._axe = AXE.read_text(encoding="utf-8")

    async def look(self, console: Console, name: str) -> None:
        """Add the problems of a page."""
        backgrounds = set()
        async with asyncio.timeout(LOOK_SECONDS):
            await console.page.evaluate(self._axe)
            for scheme in SCHEMES:
                await console.page.emulate_media(color_scheme=scheme)
                await console.page.evaluate(STILL)
                backgrounds.add(await console.page.evaluate(BACKGROUND))
                found: list[str] = await console.page.evaluate(RUN)
                self.problems += [f"{name} {scheme} {problem}" for problem in found]
        assert len(backgrounds) == len(SCHEMES), f"{name} looks the same, light and dark"


async def test_every_page_is_accessible(
    node: Callable[..., Awaitable[RunningNode]], browser: Browser
) -> None:
    running = await node()
    inspection = Inspection()
    stranger = await open_console(browser, running)
    await stranger.page.goto(f"{running.url}/setup#secret")
    await stranger.page.get_by_label("Your name").wait_for()
    await inspection.look(stranger, "/setup")
    ada = await set_up(browser, running)
    await stranger.page.goto(f"{running.url}/signin")
    await stranger.page.get_by_label("Email").wait_for()
    await inspection.look(stranger, "/signin")

    async with robot(running) as client:
        pages = [(path, "") for path in await furnish(client)] + await staff(client, running)
    for path, button in pages:
        await ada.go(path)
        await ada.page.locator("main h1, main h2").first.wait_for()
        await expect(ada.page.get_by_role("status", name="Loading")).to_have_count(0)
        if button:
            await ada.page.get_by_role("button", name=button).first.click()
        await inspection.look(ada, f"{path} {button}")
    for keys in ("Control+k", "?", "c"):
        await ada.page.keyboard.press("Escape")
        await ada.page.keyboard.press(keys)
        await ada.page.get_by_role("dialog").wait_for()
        await inspection.look(ada, keys)
    assert not inspection.problems, "\n".join(inspection.problems)
    assert ada.faults + stranger.faults == []


async def furnish(client: StockClient) -> list[str]:
    """Something to see on every page. Returns the pages."""
    me = (await client.do("member.list", query="Ada"))["items"][0]["id"]
    project_id, (build, land) = await project(client, "Apollo", "Build", "Land")
    await client.do("project.set_member", project_id=project_id, member_id=me)
    await client.do("task.depend", task_id=land, on=build)
    await client.do("task.assign", task_id=build, assignees=[me])
    current = await client.do("task.get", task_id=build)
    await client.do(
        "task.update",
        task_id=build,
        version=current["version"],
        labels=["hardware", "big"],
        priority="urgent",
        due="2026-01-02",
        estimate=3,
        description="A *tall* one:\n\n- [x] plan\n- [ ] build\n\n> with `care`",
    )
    await client.do("task.create", project_id=project_id, title="Fuel", parent_id=build, status="done")
    comment = await client.do("task.comment", task_id=build, text=f"How is it, @[Ada]({me})?")
    await client.do("message.react", message_id=comment["id"], emoji="👍")
    await client.do("project.create", name="Gemini", state="draft")
    room = (await client.do("room.create", name="general", topic="All of it", members=[me]))["id"]
    first = await client.do("message.send", room=room, text=f"Hello @[Ada]({me})")
    await client.do("message.send", room=room, text="An answer", thread_id=first["id"])
    await client.do("room.create", name="elsewhere")
    await client.do("invitation.create")
    board = f"/projects/{project_id}"
    return [
        "/projects",
        board,
        f"{board}?view=list",
        f"{board}?task={build}",
        f"{board}/tasks/{build}",
        f"{board}/talk",
        f"{board}/settings",
        "/rooms",
        f"/rooms/{room}?thread={first['id']}",
        f"/rooms/{room}?details=true",
        "/inbox",
        "/members",
        "/settings",
    ]


async def staff(client: StockClient, running: RunningNode) -> list[tuple[str, str]]:
    """An agent that has been at work, and asks. Returns the pages, some with a button that shows more."""
    me = (await client.do("member.list", query="Ada"))["items"][0]["id"]
    project_id, (write, _) = await project(client, "Mercury", "Write", "Read")
    await client.do("project.set_member", project_id=project_id, member_id=me, role="manager")
    agent = await hire(client, running, project_id)

    @agent.capability("write", cost="low")
    async def compose(run: Run, *, title: str, words: int = 3, labels: list[str] | None = None) -> None:
        """Write about a title."""
        await run.output(f"About: {title}")
        await run.progress(0.4, "A first draft")
        await run.cost(tokens=100, money=20_000)
        await run.attach("draft.md", "# Draft")
        await run.log("It could be longer", level="warning")
        await run.approve("print", {"copies": words}, prompt="May I *print* it?")

    async with agent.running(grace=0):
        run = await client.do("run.create", project_id=project_id, task_id=write, capability="write")
        await until(lambda: asked(client))
    await client.do("run.create", project_id=project_id, capability="write", input={"title": "More"})
    await client.do("budget.set", project_id=project_id, limit=1_000_000)
    schedule = {"cron": "30 8 * * *", "capability": "write", "input": {"title": "Morning"}}
    await client.do("trigger.create", project_id=project_id, name="Morning", kind="schedule", **schedule)
    (hired,) = (await client.do("agent.list"))["items"]
    board = f"/projects/{project_id}"
    return [
        ("/agents", ""),
        ("/agents", "New agent"),
        (f"/agents/{hired['id']}", ""),
        (f"{board}/queue", ""),
        (f"{board}/runs/{run['id']}", ""),
        (f"{board}/runs/{run['id']}", "Replay"),
        (f"{board}/tasks/{write}", "Run with an agent…"),
        (f"{board}/triggers", ""),
        (f"{board}/triggers", "New trigger"),
        ("/inbox", ""),
    ]


async def asked(client: StockClient) -> bool:
    """Whether a run asks something."""
    return bool((await client.do("question.list"))["items"])


async def test_dark_and_light_can_be_chosen_and_last(
    node: Callable[..., Awaitable[RunningNode]], browser: Browser
) -> None:
    ada = await set_up(browser, await node(), color_scheme="light")
    background = "() => getComputedStyle(document.querySelector('main')).backgroundColor"
    light = await ada.page.evaluate(background)
    await ada.go("/settings")
    await ada.page.get_by_role("button", name="Dark", exact=True).click()
    dark = await ada.page.evaluate(background)
    assert dark != light
    await ada.page.reload()
    await ada.live()
    assert await ada.page.evaluate(background) == dark
