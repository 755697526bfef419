"use strict";
// The server sends the whole changing part of the page once a second, as it renders it
// without this script.
const live = document.getElementById("live");
const events = new EventSource("/events" + location.search);
events.addEventListener("message", (e) => {
  // A selection would be lost.
  if (getSelection().isCollapsed) live.innerHTML = e.data;
});
