"""The client of the whole program, made when it is imported."""

from google import genai

MODEL = "gemini-3.5-flash"

client = genai.Client()


def describe(product: str) -> str | None:
    """Describe a product."""
    return client.interactions.create(model=MODEL, input=f"Describe {product}.").output_text


async def describe_soon(product: str) -> str | None:
    """Describe a product, asynchronously."""
    async with genai.Client().aio as own:
        turn = await own.interactions.create(model=MODEL, input=f"Describe {product}.")
        return turn.output_text
