// Runs the script of the first argument until standard input ends, so that Azurite never
// outlives the process that started it. What is on disk is saved first, as after Ctrl-C.
process.stdin.on("close", () => {
  if (process.argv.includes("--inMemoryPersistence")) process.exit();
  process.emit("SIGINT");
  setTimeout(() => process.exit(), 5000).unref();
}).resume();
require(process.argv[1]);
