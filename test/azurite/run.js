// Runs Azurite's blob service until standard input ends, so that it never
// outlives the test binary that started it, however that binary ends.
process.stdin.on("close", () => process.exit()).resume();
require("azurite/dist/src/blob/main.js");
