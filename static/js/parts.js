// Sends a large file in parts (tus 1.0): after a lost connection, or when it is tried again, it goes on where it stopped.
import { csrfToken } from "kith/toast";

const PART = 4 * 1024 * 1024;
const PAUSES = [1000, 3000, 10_000]; // ms before the next attempts
const begun = new WeakMap(); // file → where its parts go

class Refused extends Error {}

const call = (path, method, signal, headers = {}, body) => fetch(path, {
  method, signal, body, headers: { "Tus-Resumable": "1.0.0", "X-CSRFToken": csrfToken(), ...headers },
});
const pause = (time) => new Promise((done) => { setTimeout(done, time); });
const isPassing = (status) => status === 409 || status === 429 || status >= 500;

async function refusal(answer) {
  const said = await answer.json().catch(() => null);
  return new Refused(said?.message ?? "");
}

async function begin(file, signal) {
  const answer = await call("/api/media/uploads", "POST", signal, { "Upload-Length": file.size });
  if (answer.status !== 201) throw await refusal(answer);
  begun.set(file, `/api/media/uploads/${(await answer.json()).id}`);
}

async function arrived(file, signal) {
  const answer = await call(begun.get(file), "HEAD", signal);
  if (answer.ok) return Number(answer.headers.get("Upload-Offset"));
  begun.delete(file);
  throw new Refused();
}

// Returns the file as /api/media knows it. Fails with a sentence, if the site gave one.
export async function sendInParts(file, onProgress, signal) {
  signal.addEventListener("abort", () => {
    if (begun.has(file)) call(begun.get(file), "DELETE").catch(() => {}); // else it is swept after a day
    begun.delete(file);
  });
  let offset = 0;
  if (begun.has(file)) offset = await arrived(file, signal);
  else await begin(file, signal);
  const place = begun.get(file);
  for (let failures = 0; offset < file.size;) {
    onProgress(offset / file.size);
    const part = file.slice(offset, offset + PART);
    const kind = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": offset };
    const answer = await call(place, "PATCH", signal, kind, part).catch(() => null); // the connection was lost
    if (answer?.status === 204) {
      offset = Number(answer.headers.get("Upload-Offset"));
      failures = 0;
      continue;
    }
    if (answer && !isPassing(answer.status)) throw await refusal(answer);
    if (signal.aborted || failures === PAUSES.length) throw new Error();
    await pause(PAUSES[failures++]);
    offset = await arrived(file, signal);
  }
  const answer = await call(place.replace("uploads/", ""), "GET", signal);
  begun.delete(file);
  return answer.json();
}
