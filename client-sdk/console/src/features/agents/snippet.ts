/** What one runs to bring a new agent to life. */

/** The environment from which an agent takes its address and token. */
export function environmentOf(url: string, token: string): string {
  return `export YMERA_URL=${url}\nexport YMERA_TOKEN=${token}`;
}

/** A whole agent, ready to run: it has one capability and shows all that a run can tell. */
export const PROGRAM = `from ymera_client import Agent, Run

agent = Agent()  # address and token from the environment


@agent.capability("summarise", concurrency=4)
async def summarise(run: Run, *, text: str, max_words: int = 20) -> dict:
    """Shorten a text to its first words."""
    words = text.split()
    for done, word in enumerate(words[:max_words], 1):
        await run.output(word + " ")
        await run.progress(done / max_words, f"{done} words")
    return {"summary": " ".join(words[:max_words]), "words": len(words)}


if __name__ == "__main__":
    agent.run()
`;
