// Videos and audio in cards: one plays at a time, with a fresh address once its own has ended; for who asked for it,
// those in view play by themselves, without sound.
import { renew } from "kith/gallery";

const MEDIA = ".player :is(video, audio)";

// Errors and the like don’t bubble.
const on = (type, handle) => document.addEventListener(type, ({ target }) => {
  const media = target.closest?.(MEDIA);
  if (media) handle(media, target);
}, true);

on("error", async (media, target) => {
  // Another source is tried first.
  if (target.localName === "track" || target.nextElementSibling?.localName === "source") return;
  const id = media.closest(".player").dataset.gallery;
  const at = media.currentTime;
  await renew(id);
  const fresh = document.querySelector(`.player[data-gallery="${id}"] :is(video, audio)`);
  if (!fresh || fresh === media) return;
  fresh.currentTime = at;
  fresh.play().catch(() => {});
});

on("play", (media) => {
  for (const other of document.querySelectorAll(MEDIA)) if (other !== media && !other.muted) other.pause();
});

on("timeupdate", (media) => {
  const waveform = media.closest(".player").querySelector(".waveform");
  const share = media.currentTime / (media.duration || 1);
  waveform?.querySelector("rect").setAttribute("width", share * waveform.viewBox.baseVal.width);
});

document.addEventListener("click", (event) => {
  const waveform = event.target.closest?.(".waveform");
  if (!waveform) return;
  const audio = waveform.closest(".player").querySelector("audio");
  const { left, width } = waveform.getBoundingClientRect();
  const share = (event.clientX - left) / width;
  const seek = () => { audio.currentTime = share * audio.duration; };
  if (audio.duration) seek();
  else audio.addEventListener("loadedmetadata", seek, { once: true });
  audio.play().catch(() => {});
});

if ("autoplay" in document.body.dataset && !navigator.connection?.saveData) {
  const inView = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) target.pause();
      else if (target.paused && !target.ended) {
        target.muted = true;
        target.play().catch(() => {});
      }
    }
  }, { threshold: 0.6 });
  const watch = () => document.querySelectorAll(".player video").forEach((video) => inView.observe(video));
  document.addEventListener("htmx:after:process", watch);
  watch();
}
