// Pages with passkeys load this beside allauth's own scripts: it says in a sentence what went wrong.
import { toast } from "kith/toast";
import { gettext } from "kith/words";

const sentences = {
  NotAllowedError: gettext("Nothing was chosen, so nothing has changed."),
  InvalidStateError: gettext("This device has a passkey for your account already."),
  NotSupportedError: gettext("This browser or device cannot make such a passkey."),
  SecurityError: /^[\d.]+$|:/.test(location.hostname)
    ? gettext("Passkeys need a name, not a number: open this site as localhost or by its domain.")
    : gettext("The browser does not trust this address enough for passkeys."),
};

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const { exception } = event.detail;
  const text = sentences[exception?.name] ?? gettext("That did not work. Please try again, or use another way.");
  toast(text, { kind: "error" });
});
