"""The peer of the benchmark of answers: the same pages, written for NiceGUI as its documentation and examples do."""

import asyncio
import re
import sys

from nicegui import ui

PORT, BATCH, PAUSE, MARKDOWN = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) / 1000, sys.argv[4]


def page(make, grow, text):
    tokens = re.findall(r"[^ \n]*[ \n]", text)
    batches = 0

    async def more():
        nonlocal batches
        loop = asyncio.get_running_loop()
        began = loop.time()
        first = batches * BATCH
        for number in range(BATCH):
            # As the other side: tokens that are late come at once.
            await asyncio.sleep(max(0, began + number * PAUSE - loop.time()))
            grow(answer, tokens[(first + number) % len(tokens)])
        batches += 1
        done.set_text(str(batches))

    ui.button("More", on_click=more).props("id=more")
    done = ui.label("0").props("id=batches")
    answer = make().props("id=answer")


def grow_text(label, token):
    label.text += token


def grow_markdown(markdown, token):
    markdown.content += token


@ui.page("/answer/text")
def text():
    page(lambda: ui.label(""), grow_text, "words ")


@ui.page("/answer/markdown")
def markdown():
    with open(MARKDOWN) as file:
        page(lambda: ui.markdown(""), grow_markdown, file.read())


ui.run(host="127.0.0.1", port=PORT, show=False, reload=False, title="Answers")
