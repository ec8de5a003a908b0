// Files of the composer: chosen, dropped or pasted, uploaded at once with progress, described, put in order and removed.
// A form that is sent during an upload waits for it. Failed ones stay, to be tried again.
import { gettext, interpolate } from "kith/gettext";
import { sortable } from "kith/sortable";
import { csrfToken, toast } from "kith/toast";

const POLL = 2500;
const LARGE = 8 * 1024 * 1024; // videos and audio above that go in parts
const set = new WeakMap(); // form → its list

const api = (path, method = "GET") => fetch(`/api/media/${path}`, { method, headers: { "X-CSRFToken": csrfToken() } });
const isPicture = (kind) => kind === "image" || kind === "gif";
const kindOf = (file) => (file.type.startsWith("video/") ? "video" : file.type.startsWith("audio/") ? "audio" : "image");

export function uploadsOf(form, changed, say) {
  if (set.has(form)) return set.get(form);
  const part = form.querySelector('[data-part="media"]');
  const list = part.querySelector("[data-attachments]");
  const blank = part.querySelector("template");
  const chooser = part.querySelector("[data-files]");
  const most = Number(list.dataset.max);
  part.querySelector("[data-plain]")?.remove(); // would be sent, empty

  const items = () => [...list.children];
  const idOf = (item) => item.querySelector("[name=media]").value;
  const altOf = (item) => item.querySelector("[name=media_alt]");
  const isBusy = (item) => item.dataset.state === "uploading" || item.dataset.state === "processing";
  const files = new Map(); // item → the file, until it is uploaded
  const given = new WeakSet(items()); // came with the form: a draft has them, until it is saved without them
  const requests = new Map();

  function draw() {
    items().forEach((item, at) => {
      const names = { number: at + 1 };
      altOf(item).setAttribute("aria-label", interpolate(gettext("Description of file %(number)s"), names));
      item.querySelector("[data-grip]").setAttribute("aria-label", interpolate(gettext("Move file %(number)s with the arrow keys"), names));
      item.querySelector("[data-drop]").setAttribute("aria-label", interpolate(isBusy(item) ? gettext("Cancel upload of file %(number)s") : gettext("Remove file %(number)s"), names));
    });
    part.open = list.children.length > 0;
    for (const text of form.querySelectorAll("textarea[name=text]")) {
      text.required = !list.children.length;
      text.dispatchEvent(new Event("kith:restored", { bubbles: true })); // the counter also decides whether it can be sent
    }
    form.querySelector('[data-tool="media"]').disabled = list.children.length >= most || items().some((item) => !isPicture(item.dataset.kind));
    changed();
  }

  function state(item, name, text = "") {
    item.dataset.state = name;
    item.querySelector("[data-progress]").hidden = name !== "uploading" && name !== "processing";
    item.querySelector("[data-failed]").hidden = name !== "failed";
    item.querySelector(name === "failed" ? "[data-failed] span" : "[data-progress] span").textContent = text;
  }

  function show(item, found) {
    item.querySelector("[name=media]").value = found.id;
    item.dataset.kind = found.kind;
    const picture = item.querySelector("img");
    if (found.preview_url && !picture.src.startsWith("blob:")) picture.src = found.preview_url;
    if (found.state === "processing") {
      state(item, "processing", gettext("Processing …"));
      const bar = item.querySelector("progress");
      if (found.progress) bar.value = found.progress;
      else bar.removeAttribute("value");
      setTimeout(look, POLL, item);
    } else if (found.state === "failed") state(item, "failed", found.problem || gettext("This file can’t be used."));
    else state(item, "ready");
    if (found.captions_url) item.querySelector("[data-captions]").textContent = gettext("Change captions");
    draw();
    settle();
  }

  async function addCaptions(item, chosen) {
    const body = new FormData();
    body.append("file", chosen.files[0]);
    chosen.value = "";
    const answer = await fetch(`/api/media/${idOf(item)}/captions`, { method: "PUT", headers: { "X-CSRFToken": csrfToken() }, body }).catch(() => null);
    const found = await answer?.json().catch(() => null);
    if (!answer?.ok) return toast(found?.fields?.file?.[0] ?? found?.message ?? gettext("Connection lost. Please try again."), { kind: "error" });
    show(item, found);
    toast(gettext("Captions added."), { kind: "success" });
  }

  async function look(item) {
    if (!item.isConnected) return;
    const answer = await api(idOf(item)).catch(() => null);
    if (answer?.ok) show(item, await answer.json());
    else if (answer?.status === 404) drop(item);
    else setTimeout(look, POLL, item);
  }

  async function sendLarge(item, file) {
    const control = new AbortController();
    requests.set(item, control);
    state(item, "uploading", gettext("Uploading …"));
    const bar = item.querySelector("progress");
    bar.value = 0;
    try {
      const { sendInParts } = await import("kith/parts");
      const found = await sendInParts(file, (share) => { bar.value = share * 100; }, control.signal);
      requests.delete(item);
      files.delete(item);
      show(item, found);
    } catch ({ message }) {
      const lost = navigator.onLine ? gettext("Connection lost. Please try again.") : gettext("You’re offline.");
      if (!control.signal.aborted) fail(item, message || lost);
    }
  }

  function send(item) {
    const file = files.get(item);
    if (file.size > LARGE && !isPicture(item.dataset.kind)) {
      sendLarge(item, file);
      return;
    }
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("file", file);
    requests.set(item, request);
    state(item, "uploading", gettext("Uploading …"));
    const bar = item.querySelector("progress");
    bar.value = 0;
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      bar.value = (loaded / total) * 100;
      if (loaded === total) {
        bar.removeAttribute("value");
        item.querySelector("[data-progress] span").textContent = gettext("Processing …");
      }
    });
    request.addEventListener("load", () => {
      requests.delete(item);
      let found = null;
      try { found = JSON.parse(request.responseText); } catch { /* A proxy answered. */ }
      if (request.status === 201 && found) {
        files.delete(item);
        return show(item, found);
      }
      fail(item, (found?.fields && Object.values(found.fields)[0]?.[0]) || found?.message || gettext("Something went wrong on our end. Please try again."));
    });
    request.addEventListener("error", () => fail(item, navigator.onLine ? gettext("Connection lost. Please try again.") : gettext("You’re offline.")));
    request.open("POST", "/api/media");
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.send(body);
  }

  function fail(item, text) {
    requests.delete(item);
    state(item, "failed", text);
    draw();
    settle();
  }

  function drop(item) {
    requests.get(item)?.abort();
    requests.delete(item);
    files.delete(item);
    const next = item.nextElementSibling ?? item.previousElementSibling;
    const hadFocus = item.contains(document.activeElement);
    if (idOf(item) && !given.has(item)) api(idOf(item), "DELETE").catch(() => {}); // else it is swept after a day
    item.remove();
    draw();
    settle();
    if (hadFocus) (next ? next.querySelector("[data-drop]") : form.querySelector('[data-tool="media"]')).focus();
  }

  function add(chosen) {
    for (const file of chosen) {
      const others = items().map((item) => item.dataset.kind);
      const kind = kindOf(file);
      if (others.length && (!isPicture(kind) || others.some((other) => !isPicture(other)))) {
        toast(gettext("A post can have pictures, or one video, or one audio file."), { kind: "error" });
        break;
      }
      if (others.length >= most) {
        toast(interpolate(gettext("A post can have up to %(most)s pictures."), { most }), { kind: "error" });
        break;
      }
      const item = blank.content.firstElementChild.cloneNode(true);
      item.dataset.kind = kind;
      files.set(item, file);
      const picture = item.querySelector("img");
      picture.addEventListener("error", () => { picture.removeAttribute("src"); }, { once: true });
      if (kind === "image") picture.src = URL.createObjectURL(file);
      list.append(item);
      send(item);
    }
    draw();
  }

  // After the last upload: sends the form that waits for it, or says why it can’t be sent.
  let waits = null;
  function settle() {
    if (!waits || items().some(isBusy)) return;
    const button = waits;
    waits = null;
    button.removeAttribute("aria-busy");
    if (form.isConnected) form.requestSubmit(button);
  }

  const uploads = {
    add,
    choose: () => chooser.click(),
    ids: () => items().map((item) => ({ id: idOf(item), alt: altOf(item).value })).filter(({ id }) => id),
    restore(kept) {
      for (const { id, alt } of kept) {
        const item = blank.content.firstElementChild.cloneNode(true);
        item.querySelector("[name=media]").value = id;
        altOf(item).value = alt;
        list.append(item);
        look(item);
      }
    },
    // Whether the form may be sent now; if it may once the uploads are done, it will be.
    ready(button) {
      const failed = items().find((item) => item.dataset.state === "failed");
      if (failed) {
        failed.querySelector("[data-again]").focus();
        toast(gettext("A file couldn’t be uploaded. Try again, or remove it."), { kind: "error" });
        return false;
      }
      if (!items().some(isBusy)) return true;
      waits = button;
      button.setAttribute("aria-busy", "true");
      say(gettext("Will be sent when the upload is done."));
      return false;
    },
    undescribed: () => items().find((item) => isPicture(item.dataset.kind) && !altOf(item).value.trim()),
    describe: (item) => altOf(item).focus(),
  };

  chooser.addEventListener("change", () => {
    add(chooser.files);
    chooser.value = "";
  });
  list.addEventListener("change", ({ target }) => {
    if (target.matches("[data-captions-file]") && target.files.length) addCaptions(target.closest("li"), target);
  });
  list.addEventListener("click", async ({ target }) => {
    const item = target.closest("li");
    if (target.closest("[data-drop]")) drop(item);
    if (!target.closest("[data-again]")) return;
    if (files.has(item)) send(item);
    else {
      const answer = await api(`${idOf(item)}/retry`, "POST").catch(() => null);
      if (answer?.ok) show(item, await answer.json());
    }
    draw();
  });
  sortable(list, "li", "[data-grip]", (item, place, count) => {
    draw();
    say(interpolate(gettext("Moved to place %(place)s of %(count)s"), { place, count }));
  });
  for (const item of items()) if (item.dataset.state === "processing") look(item);
  draw();
  set.set(form, uploads);
  return uploads;
}
