package ftp

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/tidegate/tidegate/vfs"

	"github.com/tidegate/tidegate/frontends/ftp/control"
)

// hashTime is how long one hash may take. A client waits without a sign of life
// meanwhile, and few wait longer.
const hashTime = 5 * time.Minute

func hashCommands() []command {
	const relative = "looks for the file in the root, whatever the working directory is"
	all := []command{{
		verb: "HASH", does: answered, rfc: "draft-bryan-ftpext-hash 3", args: "path", run: answerBy(cmdHASH),
		library: relative,
	}}
	for verb, name := range map[string]string{
		"XCRC": "CRC32", "XMD5": "MD5", "XSHA": "SHA-1", "XSHA1": "SHA-1", "XSHA256": "SHA-256", "XSHA512": "SHA-512",
	} {
		all = append(all, command{
			verb: verb, does: answered, rfc: "none", args: "path [start [end]]", library: relative,
			run: answerBy(func(s *session, l control.Line) { cmdDigest(s, l, name) }),
		})
	}
	return append(all, refusal("MD5", "draft-twine-ftpmd5 3", "path", "answers as XMD5 does", 502, "Use XMD5 or HASH"))
}

// hashFeature is what FEAT says of HASH: all algorithms, the chosen one marked.
func hashFeature(s *session) string {
	text := ""
	for _, a := range algorithms() {
		text += a.name
		if a.name == s.par.hash {
			text += "*"
		}
		text += ";"
	}
	return text
}

// optsHASH chooses the algorithm of HASH, or reports it.
func optsHASH(s *session, name string) {
	if name != "" {
		a, ok := findAlgorithm(name)
		if !ok {
			s.control.Reply(501, "Algorithm not known, "+s.par.hash+" stays")
			return
		}
		s.par.hash = a.name
	}
	s.control.Reply(200, s.par.hash)
}

func cmdHASH(s *session, l control.Line) {
	a, _ := findAlgorithm(s.par.hash)
	digest(s, l.Verb, a, &piece{path: l.Arg, end: -1}, func(p *piece, sum string) {
		s.control.Reply(213, fmt.Sprintf("%s %d-%d %s %s", a.name, p.start, p.end, sum, p.path))
	})
}

// cmdDigest answers the commands that have the algorithm in their name. They
// take a range behind the path.
func cmdDigest(s *session, l control.Line, name string) {
	a, _ := findAlgorithm(name)
	p, ok := parsePiece(l.Arg)
	if !ok {
		s.control.Reply(501, l.Verb+" needs a path, and may have a start and an end")
		return
	}
	digest(s, l.Verb, a, &p, func(_ *piece, sum string) { s.control.Reply(250, sum) })
}

// piece is a part of a file, from start to before end; -1 is the file's end.
type piece struct {
	path       string
	start, end int64
	// whole is the argument where the numbers at its end may belong to the
	// name, since the name was not quoted.
	whole string
}

// parsePiece reads `path [start [end]]`. The path may be quoted; a quote in it
// is doubled then.
func parsePiece(arg string) (piece, bool) {
	p := piece{end: -1}
	rest := ""
	if strings.HasPrefix(arg, `"`) {
		quoted := strings.ReplaceAll(arg[1:], `""`, "\x00")
		name, behind, ok := strings.Cut(quoted, `"`)
		if !ok || name == "" {
			return p, false
		}
		p.path, rest = strings.ReplaceAll(name, "\x00", `"`), behind
	} else {
		p.path = arg
		words := strings.Split(arg, " ")
		n := len(words)
		for n > 1 && len(words)-n < 2 && words[n-1] != "" && digits(words[n-1]) {
			n--
		}
		if n < len(words) {
			p.whole, p.path, rest = arg, strings.Join(words[:n], " "), strings.Join(words[n:], " ")
		}
	}
	for i, word := range strings.Fields(rest) {
		n, err := strconv.ParseInt(word, 10, 64)
		switch {
		case err != nil || n < 0 || i > 1:
			return p, false
		case i == 0:
			p.start = n
		default:
			p.end = n
		}
	}
	return p, p.end < 0 || p.start <= p.end
}

// digest computes the hash of a piece, reads the client's commands meanwhile, and replies.
// report sends the reply with the hash; p.end is set by then.
func digest(s *session, verb string, a algorithm, p *piece, report func(p *piece, sum string)) {
	var sum string
	aborted, err := s.attendWork(hashTime, func(ctx context.Context) (err error) {
		sum, err = hashPiece(ctx, s, a, p)
		return err
	})
	switch {
	case err == nil:
		report(p, sum)
	case aborted > 0:
		s.control.Reply(426, "Aborted")
	case errors.Is(err, context.DeadlineExceeded):
		s.control.Reply(450, "The file takes too long to read")
	default:
		s.refuse(verb, err)
	}
	answerAborts(s, aborted)
}

// storedMD5 returns the MD5 that the store keeps of a whole file, and the size of the file. sum
// is "" if the store keeps none, if p is only a part, or if the user may not read the file.
func storedMD5(ctx context.Context, s *session, p *piece) (sum string, size int64) {
	path, err := s.resolve(p.path)
	if err != nil || p.whole != "" || p.start != 0 || p.end >= 0 || s.login.view.Allowed(path)&vfs.PermRead == 0 {
		return "", 0
	}
	info, err := s.login.view.Stat(ctx, path, vfs.TypeFile)
	if err != nil || len(info.MD5) != md5.Size {
		return "", 0
	}
	return hex.EncodeToString([]byte(info.MD5)), info.Size
}

// hashPiece streams the piece through the hash function, if the store does not
// know the answer.
func hashPiece(ctx context.Context, s *session, a algorithm, p *piece) (string, error) {
	if a.name == "MD5" {
		if sum, size := storedMD5(ctx, s, p); sum != "" {
			p.end = size
			return sum, nil
		}
	}
	r, err := openPiece(ctx, s, p)
	if err != nil {
		return "", err
	}
	defer func() { _ = r.Close() }()
	size := r.Info().Size
	if p.end < 0 {
		p.end = size
	}
	if p.end > size || p.start > p.end {
		return "", vfs.NewError(vfs.KindOffset, nil)
	}
	h := a.make()
	w := newTurn(ctx, s.srv.hashing, s.client.Holder(), h)
	defer w.end()
	if _, err := io.CopyN(w, r, p.end-p.start); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// openPiece opens the file where the piece begins. A file whose name looks like
// a name with a range comes first.
func openPiece(ctx context.Context, s *session, p *piece) (vfs.Reader, error) {
	if p.whole != "" {
		path, err := s.resolve(p.whole)
		if err != nil {
			return nil, err
		}
		r, err := s.login.view.Open(ctx, path, vfs.OpenOptions{})
		if vfs.KindOf(err) != vfs.KindNotExist {
			*p = piece{path: p.whole, end: -1}
			return r, err
		}
	}
	path, err := s.resolve(p.path)
	if err != nil {
		return nil, err
	}
	return s.login.view.Open(ctx, path, vfs.OpenOptions{Offset: p.start})
}
