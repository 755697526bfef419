package confine

import (
	"math/rand/v2"
	"slices"
	"strings"
)

// ways are what stands in front of a name to lead somewhere else: in the spelling of paths,
// of other systems, of URLs, of other encodings, and with characters that look alike.
func ways() []string {
	return []string{
		"", "/", "//", "../", "../../", "../../../", "/../", "/../../", "/../../../../", "./../", "/./../", "//..//..//", "in/../../", "own/../../",
		"none/../../", "dir/../../", "/in/../../", "in/../../../", ".../", "..../", "....//", "../.../", "..;/", "../;/", ". ./", ".. /", "../ /", " ../", "-/../", "- ../",
		`..\`, `\..\`, `..\..\`, `/..\..\`, `\`, `C:\`, `\\?\C:\`, `\\host\share\`, `..\/`, `../\`,
		"%2e%2e/", "%2e%2e%2f", "..%2f", "..%2F..%2F", "..%5c", "%2f..%2f", "%252e%252e%252f", "..%00/", "..%c0%af", "%u002e%u002e/", "..?/", "..#/", "&#46;&#46;/",
		"..\xc0\xaf", "\xc0\xae\xc0\xae/", "\xe0\x80\xae\xe0\x80\xae/", "..\xe0\x80\xaf", "..\xf0\x80\x80\xaf", "\xff../", "../\xfe", "\xed\xa0\x80/../",
		"\uff0e\uff0e/", "..\uff0f", "..\u2215", "..\u2044", "..\u29f8", "\u2024\u2024/", "\u2025/", "\u2026/", ".\u200b./", "..\u200b/", "\u200d../", "..\u00ad/", ".\u0338./",
		"e\u0301/../../", "\u00e9/../../", "\u212b/../", "..\u0301/", "\u202e../", "\u2066../",
		"..\x00/", "\x00/../", "../\x00", "..\r/", "..\n/", "..\r\nCWD /\r\nDELE ", "\r\nCWD ../..\r\nDELE ", "..\t/", "\x1b/../", "..\x7f/",
		"/t/customers/ab/", "/customers/ab/", "/customers/a/../ab/", "/a/../ab/", "t/customers/ab/", "../ab/", "../a/../ab/", "../t/", "../contoso-ab/", "/contoso-ab/", "b/", "/../shared/", "shared/../../", "/shared/../../ab/",
		"~/", "~root/", "~ab/", "file:///", "ftp://h/", "https://h/files/", "$HOME/", "${HOME}/", "`pwd`/", "*/", "?/", "[.][.]/", "{..,in}/", "-la ../", "-la /../", "-- ../", "-R /../../ ",
		"outbox/", "in/../outbox/", "OUTBOX/", "outbox./", "outbox /", "outbox\u200b/", "dir/../outbox/", "/./outbox//", "dir/kept/", "dir/kept/../kept/",
	}
}

// names are the names behind a way: of files outside, of the user's files, of files that
// the rules refuse.
func names() []string {
	return []string{
		"secret", "ab/secret", "b/secret", "own", "file", "customers/ab/secret", "", ".", "..", "dir", "kept", "outbox", "x.exe", "X.EXE", "x.exe.", "x.exe ", ".hidden", "new",
	}
}

// tails are what some systems remove from the end of a name, or read as an end.
func tails() []string {
	return []string{"/", "//", "/.", "/..", "/../..", " ", ".", ". .", "\x00", "\x00.csv", "%00", "\r", "\n", "::$DATA", ";1", "?x=/..", "#", "*", "\u3000", "\u200b", "\xff", "\xc0"}
}

// texts returns the paths to try: each way with a name or two, and n more that a generator makes
// of all parts and of random bytes. They are the same in every run.
func texts(n int) []string {
	random := rand.New(rand.NewPCG(7, 11)) //nolint:gosec // no secret
	pick := func(from []string) string { return from[random.IntN(len(from))] }
	var all []string
	for i, way := range ways() {
		all = append(all, way+names()[i%len(names())])
		if i%3 == 0 {
			all = append(all, way+"secret")
		}
	}
	for range n {
		var text strings.Builder
		for range 1 + random.IntN(4) {
			switch random.IntN(5) {
			case 0:
				text.WriteString(pick(names()) + "/")
			case 1:
				text.Write([]byte{byte(random.IntN(256)), byte(random.IntN(256)), byte("/.\\%"[random.IntN(4)])})
			default:
				text.WriteString(pick(ways()))
			}
		}
		text.WriteString(pick(names()))
		if random.IntN(2) == 0 {
			text.WriteString(pick(tails()))
		}
		all = append(all, text.String())
	}
	return slices.Compact(all)
}
