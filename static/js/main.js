// One behavior per module. They listen on the document, so fragments from HTMX work too.
import "kith/act";
import "kith/card";
import "kith/confirm";
import "kith/counter";
import "kith/dialog";
import "kith/draft";
import "kith/lazy";
import "kith/live";
import "kith/menu";
import "kith/offline";
import "kith/sending";
import "kith/shortcuts";
import "kith/theme";
import "kith/time";
import "kith/toast";
