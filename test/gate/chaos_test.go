package gate

func rogueContent(path string) []byte { return []byte("rogue " + path) }

const rogueDir = "/rogues/"
