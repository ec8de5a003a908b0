// Pages with passkeys load this in addition to allauth’s scripts: it shows errors as sentences.
import { toast } from "kith/toast";
import { gettext } from "kith/gettext";

const sentences = {
  NotAllowedError: gettext("You didn’t choose anything, so nothing has changed."),
  InvalidStateError: gettext("This device already has a passkey for your account."),
  NotSupportedError: gettext("This browser or device can’t create this kind of passkey."),
  SecurityError: /^[\d.]+$|:/.test(location.hostname)
    ? gettext("Passkeys need a domain name. Open this site by its domain, or as localhost.")
    : gettext("Your browser doesn’t allow passkeys on this address."),
};

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const { exception } = event.detail;
  const text = sentences[exception?.name] ?? gettext("That didn’t work. Try again, or use another way.");
  toast(text, { kind: "error" });
});
