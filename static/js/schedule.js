// When to send a post: <input type="datetime-local">, in UTC as it arrives, in the reader’s time zone from then on. The
// hidden field beside it says to the server which that is at the time chosen.
export function setUp(part) {
  if (!part || part.dataset.schedule) return;
  part.dataset.schedule = "local";
  const [time, zone] = part.querySelectorAll("input");
  if (time.value) {
    const at = new Date(`${time.value}Z`);
    time.value = new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
  }
  part.querySelector("[data-schedule-zone]").remove();
  const say = () => (zone.value = -(time.value ? new Date(time.value) : new Date()).getTimezoneOffset());
  time.addEventListener("change", say);
  say();
}
