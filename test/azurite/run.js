// Runs a service of Azurite, "blob" or "queue" by AZURITE_SERVICE, until standard input ends, so that it never
// outlives the test binary that started it, however that binary ends.
process.stdin.on("close", () => process.exit()).resume();
require(`azurite/dist/src/${process.env.AZURITE_SERVICE}/main.js`);
