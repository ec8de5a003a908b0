// Pages with passkeys load this beside allauth's own scripts: it says in a sentence what went wrong.
import { toast } from "kith/toast";

const sentences = {
  NotAllowedError: "Nothing was chosen, so nothing has changed.",
  InvalidStateError: "This device has a passkey for your account already.",
  NotSupportedError: "This browser or device cannot make such a passkey.",
  SecurityError: /^[\d.]+$|:/.test(location.hostname)
    ? "Passkeys need a name, not a number: open this site as localhost or by its domain."
    : "The browser does not trust this address enough for passkeys.",
};

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const { exception } = event.detail;
  const text = sentences[exception?.name] ?? "That did not work. Please try again, or use another way.";
  toast(text, { kind: "error" });
});
