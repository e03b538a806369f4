// Staff pages. Everything here has an equivalent without JavaScript.
import { Button, ErrorSummary, NotificationBanner, SkipLink, createAll } from "govuk-frontend";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
for (const component of [Button, ErrorSummary, NotificationBanner, SkipLink]) createAll(component);
