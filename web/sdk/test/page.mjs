// The page of the browser tests: gives them the SDK, as a page's own script would have it.
import * as holdfast from './holdfast-client.mjs';

globalThis.holdfast = holdfast;
