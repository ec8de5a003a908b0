// Modules for members only, in addition to main.js.
import "kith/muted";
import "kith/optimistic";
import "kith/track";
