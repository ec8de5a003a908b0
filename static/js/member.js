// What only members need, beside main.js.
import "kith/muted";
import "kith/optimistic";
import "kith/track";
