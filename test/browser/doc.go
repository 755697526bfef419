// Package browser tests the page of the frontend "status" in a headless Chromium, while the
// built program serves clients: in two widths, light and dark, with and without script.
//
// It is a module of its own, because nothing else needs the library that drives the browser.
package browser
