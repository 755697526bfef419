package main

// defaultAt is the address of the process when no other is given.
const defaultAt = "http://127.0.0.1:9180"
