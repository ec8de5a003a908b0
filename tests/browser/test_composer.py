"""The composer in a browser: its dialog, options, emoji and completions."""

import re

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import expect

from tests.browser.test_posts import World
from tests.media.clips import clip
from tests.media.conftest import picture


@pytest.fixture
def world(live_site, new_page):
    return World(live_site, new_page)


def test_the_options_come_with_the_focus_survive_a_reload_and_are_sent(world):
    page = world.make(["ana"]).page("ana")
    page.goto("/")
    form = page.locator("#composer")
    expect(form.get_by_label("Who can see this")).to_have_count(0)
    form.locator("textarea").fill("Who sees what")
    form.get_by_label("Who can see this").select_option("followers")
    form.get_by_role("button", name="Content warning").click()
    expect(form.get_by_role("textbox", name="Content warning")).to_be_focused()
    page.keyboard.type("Spoilers")
    page.reload()
    expect(form.locator("textarea")).to_have_value("Who sees what")
    expect(form.get_by_label("Who can see this")).to_have_value("followers")
    expect(form.get_by_role("textbox", name="Content warning")).to_have_value("Spoilers")
    form.get_by_role("button", name="Post", exact=True).click()
    mine = page.locator("#timeline article.post").first
    expect(mine.locator(".badge-private")).to_have_attribute("title", "Followers")
    page.reload()
    expect(form.locator("textarea")).to_have_value("")
    form.locator("textarea").focus()
    # A new post begins with the audience of the last one, and without its warning.
    expect(form.get_by_label("Who can see this")).to_have_value("followers")
    expect(form.get_by_role("textbox", name="Content warning")).to_have_count(0)


def test_the_dialog_has_the_draft_of_the_page_and_closes_when_it_is_sent(world):
    page = world.make(["ana"]).page("ana")
    page.goto("/")
    page.locator("#composer textarea").fill("Begun on home")
    page.locator("#composer textarea").blur()
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog", name="Write a post")
    expect(dialog.locator("textarea")).to_have_value("Begun on home")
    expect(dialog.locator("textarea")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.type(", continued")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator("#composer textarea")).to_have_value("Begun on home, continued")
    page.get_by_role("link", name="Write a post").click()
    dialog.get_by_role("button", name="Post", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(page.locator("#timeline article.post").first).to_contain_text("Begun on home, continued")
    expect(page.locator("#composer textarea")).to_have_value("")


def test_elsewhere_a_toast_leads_to_what_was_posted_in_the_dialog(world):
    page = world.make(["ana"]).page("ana", width=390)
    page.goto("/explore")
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog", name="Write a post")
    dialog.locator("textarea").fill("x" * 501)
    expect(dialog.get_by_role("button", name="Post", exact=True)).to_be_disabled()
    dialog.locator("textarea").fill("From elsewhere")
    page.keyboard.press("Control+Enter")
    page.locator("#toasts").get_by_role("link", name="View").click()
    expect(page.locator("article.post").first).to_contain_text("From elsewhere")


def test_emoji_are_found_by_keyboard_and_remembered(world):
    page = world.make(["ana"]).page("ana")
    page.goto("/")
    field = page.locator("#composer textarea")
    field.fill("Meow ")
    button = page.locator("#composer").get_by_role("button", name="Emoji")
    button.focus()
    page.keyboard.press("Enter")
    picker = page.get_by_role("dialog", name="Emoji")
    expect(picker.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("cat fa")
    expect(picker.get_by_role("button", name="cat face")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(field).to_have_value("Meow 🐱")
    page.keyboard.press("Escape")
    expect(picker).to_have_count(0)
    expect(button).to_be_focused()
    button.click()
    expect(picker.get_by_role("region", name="Recently used")).to_contain_text("🐱")
    picker.get_by_role("button", name="cat face").first.click()
    expect(field).to_have_value("Meow 🐱🐱")
    page.locator("body").click(position={"x": 5, "y": 300})
    expect(picker).to_have_count(0)


@pytest.mark.parametrize("width", [390, 1440])
def test_names_and_emoji_are_completed_by_keyboard_and_by_touch(world, width):
    page = world.make(["ana", "benedikt"]).page("ana", width=width)
    ben = world.names["benedikt"]
    page.goto("/")
    field = page.locator("#composer textarea")
    options = page.get_by_role("listbox").get_by_role("option")
    field.press_sequentially(f"Hi @{ben[:6]}")
    expect(options.first).to_contain_text(f"@{ben}")
    expect(field).to_have_attribute("aria-activedescendant", re.compile("^option-"))
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    page.keyboard.press("Backspace")
    expect(options.first).to_contain_text(f"@{ben}")
    options.first.click()
    expect(field).to_have_value(f"Hi @{ben} ")
    expect(field).to_be_focused()
    page.keyboard.type(":smile")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(field).to_have_value(f"Hi @{ben} 😄 ")
    # Nothing to complete: Enter begins a new line again.
    page.keyboard.press("Enter")
    expect(field).to_have_value(f"Hi @{ben} 😄 \n")


def test_a_poll_is_written_by_keyboard_and_put_into_another_order(world):
    page = world.make(["ana"]).page("ana", width=390)
    page.goto("/compose")
    page.get_by_label("Your post").fill("Which fruit?")
    page.get_by_role("button", name="Poll", exact=True).click()
    expect(page.get_by_label("Option 1", exact=True)).to_be_focused()
    for text in ("Apple", "Pear", "Plum"):
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    expect(page.get_by_label("Option 4", exact=True)).to_be_focused()
    page.get_by_role("button", name="Remove option 4").click()
    expect(page.get_by_label("Option 3", exact=True)).to_be_focused()
    page.get_by_role("button", name="Move option 3 with").focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator("[data-says]")).to_have_text("Moved to place 2 of 3")
    page.get_by_label("Several choices").check()
    page.reload()
    expect(page.get_by_label("Option 2", exact=True)).to_have_value("Plum")
    expect(page.get_by_label("Several choices")).to_be_checked()
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.locator(".poll-result > span[dir]")).to_have_text(["Apple", "Plum", "Pear"])


def test_pictures_are_uploaded_described_sorted_and_restored(world, tmp_path):
    page = world.make(["ana"]).page("ana", width=390)
    for name, colour in (("one", (200, 30, 30)), ("two", (30, 30, 200)), ("three", (30, 200, 30))):
        (tmp_path / f"{name}.jpg").write_bytes(picture(colour=colour).read())
    page.goto("/compose")
    send = page.get_by_role("button", name="Post", exact=True)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Pictures, video or audio").click()
    chooser.value.set_files([tmp_path / "one.jpg", tmp_path / "two.jpg", tmp_path / "three.jpg"])
    items = page.locator(".attachment")
    expect(page.locator('.attachment[data-state="ready"]')).to_have_count(3)
    page.get_by_label("Description of file 1").fill("Red")
    page.get_by_label("Description of file 3").fill("Green")
    page.get_by_role("button", name="Remove file 2").click()
    expect(items).to_have_count(2)
    page.get_by_role("button", name="Move file 2 with").focus()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("Description of file 1")).to_have_value("Green")
    page.get_by_label("Description of file 1").fill("")

    # After a reload, they are asked for again.
    page.reload()
    expect(page.locator('.attachment[data-state="ready"]')).to_have_count(2)
    expect(page.get_by_label("Description of file 2")).to_have_value("Red")
    send.click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("Post without a description?")
    question.get_by_role("button", name="Cancel").click()
    expect(page.get_by_label("Description of file 1")).to_be_focused()
    page.keyboard.type("Green")
    send.click()
    expect(page.locator(".post-focus img[alt]").nth(1)).to_be_visible()
    alts = page.locator(".post-focus img[alt]").evaluate_all(
        "all => all.map((each) => each.alt).filter(Boolean)"
    )
    assert alts == ["Green", "Red"]


def test_a_video_is_processed_and_gets_captions(world, tmp_path):
    page = world.make(["ana"]).page("ana")
    (tmp_path / "clip.mp4").write_bytes(clip().read())
    (tmp_path / "said.vtt").write_text("WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nHello\n")
    page.goto("/compose")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Pictures, video or audio").click()
    chooser.value.set_files(tmp_path / "clip.mp4")
    item = page.locator(".attachment")
    expect(item).to_have_attribute("data-state", "ready", timeout=60_000)
    expect(page.get_by_role("button", name="Pictures, video or audio")).to_be_disabled()
    page.get_by_label("Add captions").set_input_files(tmp_path / "said.vtt")
    expect(item).to_contain_text("Change captions")
    # No description is asked for.
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.locator(".post-focus video track")).to_have_attribute("kind", "captions")


def test_a_post_waits_for_its_uploads_and_a_failed_one_is_tried_again(world):
    page = world.make(["ana"]).page("ana")
    page.goto("/")
    held = []
    page.route("**/api/media", lambda route: held.append(route))
    field = page.locator("#composer textarea[name=text]")
    field.fill("With a picture")
    expect(page.locator("#composer [data-choices]")).to_be_visible()
    # Pasted, as from a screenshot.
    field.evaluate(
        """(field, bytes) => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], "shot.jpg", { type: "image/jpeg" }));
            field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        list(picture(size=(40, 30)).read()),
    )
    item = page.locator("#composer .attachment")
    expect(item).to_have_attribute("data-state", "uploading")
    page.get_by_label("Description of file 1").fill("Red")
    page.locator("#composer").get_by_role("button", name="Post", exact=True).click()
    expect(page.locator("#composer [data-says]")).to_have_text("Will be sent when the upload is done.")
    held.pop().abort()
    expect(item).to_have_attribute("data-state", "failed")
    page.unroute("**/api/media")
    item.get_by_role("button", name="Try again").click()
    expect(item).to_have_attribute("data-state", "ready")
    # Dropped on the form, and cancelled while it is uploaded.
    page.route("**/api/media", lambda route: held.append(route))
    field.evaluate(
        """(field, bytes) => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], "drop.jpg", { type: "image/jpeg" }));
            field.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        list(picture(size=(40, 30)).read()),
    )
    expect(item).to_have_count(2)
    page.get_by_role("button", name="Cancel upload of file 2").click()
    expect(item).to_have_count(1)
    page.unroute("**/api/media")
    page.locator("#composer").get_by_role("button", name="Post", exact=True).click()
    expect(page.locator("#timeline article.post").first.locator("img[alt=Red]")).to_be_visible()
    expect(page.locator("#composer .attachment")).to_have_count(0)


def test_a_thread_is_written_restored_and_sent_at_once(world):
    page = world.make(["ana"]).page("ana", width=390)
    page.goto("/compose")
    page.get_by_label("Your post").fill("First")
    for number, text in ((2, "Second"), (3, "x" * 501)):
        page.get_by_role("button", name="Add post").click()
        # Its script may still be loading, and keys outside a field are shortcuts.
        expect(page.get_by_label(f"Post {number}", exact=True)).to_be_focused()
        page.keyboard.type(text) if len(text) < 10 else page.keyboard.insert_text(text)
    send = page.locator("[data-counter-submit]")
    expect(send).to_have_text("Post all 3")
    expect(page.get_by_label("Post 3", exact=True)).to_have_attribute("aria-invalid", "true")
    send.click()
    expect(page).to_have_url(re.compile("/compose$"))
    page.get_by_role("button", name="Remove post 3").click()
    expect(page.get_by_label("Post 2", exact=True)).to_be_focused()
    page.reload()
    expect(page.get_by_label("Post 2", exact=True)).to_have_value("Second")
    expect(send).to_have_text("Post all 2")
    send.click()
    expect(page.locator(".post-focus")).to_contain_text("First")
    expect(page.locator("article.post", has_text="Second")).to_have_count(1)


def test_a_post_is_scheduled_in_the_time_zone_of_its_author(world):
    page = world.make(["ana"]).page("ana")
    page.goto("/")
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog", name="Write a post")
    dialog.locator("textarea[name=text]").fill("Happy new year")
    dialog.get_by_role("button", name="Send later").click()
    expect(dialog.get_by_label("Time")).to_be_focused()
    year = page.evaluate("new Date().getFullYear() + 1")
    dialog.get_by_label("Time").fill(f"{year}-01-01T00:00")
    dialog.get_by_role("button", name="Schedule", exact=True).click()
    expect(page).to_have_url(re.compile("/drafts.tab=scheduled$"))
    expect(page.get_by_role("main")).to_contain_text("Happy new year")
    moment = page.locator("main time").first.get_attribute("datetime")
    assert page.evaluate("moment => new Date(moment).getHours()", moment) == 0
    page.goto("/")
    expect(page.locator("#composer textarea[name=text]")).to_have_value("")


def test_a_reply_in_a_card_has_the_options_of_its_parent(world):
    made = world.make(["ana"], [("post", "ana", "To be answered", None)])
    page = made.page("ana")
    page.goto("/")
    page.locator("article.post").first.focus()
    page.keyboard.press("r")
    form = page.locator(".post-reply form")
    expect(form.get_by_label("Who can see this")).to_have_value("public")
    expect(form.get_by_label("Who can reply")).to_have_count(0)
    form.get_by_role("button", name="Content warning").click()
    page.keyboard.type("A secret")
    form.locator("textarea[name=text]").fill("Answered")
    page.keyboard.press("Control+Enter")
    expect(form).to_have_count(0)
    page.goto(made.paths["post"])
    expect(page.locator("#replies")).to_contain_text("A secret")


def test_a_quote_is_written_in_the_dialog_with_a_draft_of_its_own(world):
    made = world.make(["ana"], [("post", "ana", "To be quoted", None)])
    page = made.page("ana")
    page.goto("/")
    page.locator("#composer textarea").fill("Something else")
    page.locator("article.post").first.locator("[data-action=repost]").click()
    page.get_by_role("link", name="Quote", exact=True).click()
    dialog = page.get_by_role("dialog", name="Write a post")
    expect(dialog.locator(".quoted")).to_contain_text("To be quoted")
    expect(dialog.locator("textarea[name=text]")).to_have_value("")
    dialog.locator("textarea[name=text]").fill("Look at this")
    page.keyboard.press("Control+Enter")
    expect(dialog).to_have_count(0)
    expect(page.locator("#timeline article.post").first.locator(".quoted")).to_contain_text("To be quoted")
    expect(page.locator("#composer textarea[name=text]")).to_have_value("Something else")


def test_without_scripts_a_thread_is_written(world):
    page = world.make(["ana"]).page("ana", width=390, javascript=False)
    page.goto("/compose")
    page.get_by_label("Your post").fill("First")
    page.get_by_role("button", name="Add post").click()
    page.get_by_label("Post 2", exact=True).fill("Second")
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.locator(".post-focus")).to_contain_text("First")
    expect(page.locator("article.post", has_text="Second")).to_have_count(1)


def test_without_scripts_the_page_has_every_choice(world):
    page = world.make(["ana"]).page("ana", width=390, javascript=False)
    page.goto("/")
    page.get_by_role("link", name="More options").click()
    page.get_by_label("Your post").fill("Plain")
    page.locator("summary", has_text="Content warning").click()
    page.get_by_role("textbox", name="Content warning").fill("Simple things")
    page.locator("summary", has_text="Poll").click()
    page.get_by_label("Option 1").fill("Yes")
    page.get_by_label("Option 2").fill("No")
    page.locator("summary", has_text="Pictures").click()
    page.get_by_label("File 1", exact=True).set_input_files(
        files=[{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture().read()}]
    )
    page.get_by_label("Description of file 1").fill("Plain red")
    page.get_by_label("Who can see this").select_option("unlisted")
    page.get_by_label("Who can reply").select_option("followers")
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.locator(".post-focus .badge-private")).to_have_attribute("title", "Unlisted")
    page.locator(".post-focus summary", has_text="Simple things").click()
    expect(page.locator(".poll-result > span[dir]")).to_have_text(["Yes", "No"])
    expect(page.locator(".post-focus img[alt='Plain red']")).to_be_visible()
