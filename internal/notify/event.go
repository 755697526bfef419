package notify

import (
	"context"
	"crypto/rand"
	"net/url"
	"strings"
	"time"

	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/vfs"
)

// Kind is what an event is about, in the word of the configuration.
type Kind string

// The kinds.
const (
	FileCommitted    Kind = "file.committed"
	FileDeleted      Kind = "file.deleted"
	FileRenamed      Kind = "file.renamed"
	DirectoryCreated Kind = "directory.created"
	DirectoryDeleted Kind = "directory.deleted"
	DirectoryRenamed Kind = "directory.renamed"
)

// Kinds returns all kinds.
func Kinds() []Kind {
	return []Kind{FileCommitted, FileDeleted, FileRenamed, DirectoryCreated, DirectoryDeleted, DirectoryRenamed}
}

// Event is an event in the JSON format of CloudEvents 1.0.
type Event struct {
	SpecVersion string `json:"specversion"`
	// ID is the same for every attempt and every receiver.
	ID string `json:"id"`
	// Source is "/tidegate/TENANT/BACKEND".
	Source string `json:"source"`
	// Type is "tidegate.KIND.v1".
	Type string `json:"type"`
	// Subject is Data.Path.
	Subject         string `json:"subject"`
	Time            string `json:"time"`
	DataContentType string `json:"datacontenttype"`
	Data            Data   `json:"data"`
}

// Data says what has changed, and who did it. The names are those of Azure's events about
// blobs where there are such.
type Data struct {
	// Operation is that of the log: "write", "copy", "remove", "rename" or "mkdir".
	Operation string `json:"operation"`
	Tenant    string `json:"tenant"`
	User      string `json:"user"`
	Protocol  string `json:"protocol"`
	ClientIP  string `json:"clientIp,omitempty"`
	// ClientPort is 0 where it is not known.
	ClientPort uint16 `json:"clientPort,omitempty"`
	Session    string `json:"session"`
	Node       string `json:"node"`
	Backend    string `json:"backend"`
	// Path is the path in the tenant's tree, after a rename the new one. OldPath is the one
	// before a rename, SourcePath that of the file that was copied.
	Path       string `json:"path"`
	OldPath    string `json:"oldPath,omitempty"`
	SourcePath string `json:"sourcePath,omitempty"`
	// URL, ETag, CRC64 and ContentLength are those of vfs.Receipt: what the store has now,
	// or had before a removal.
	URL           string `json:"url,omitempty"`
	ETag          string `json:"eTag,omitempty"`
	CRC64         string `json:"crc64,omitempty"`
	ContentLength *int64 `json:"contentLength,omitempty"`
}

// change is a change that receivers hear of.
type change struct {
	Event
	kind Kind
	// at has the paths that the event is about, with the tenant in front.
	at [][]string
}

// changeOf returns the change that an operation made at a time. It returns false for an
// operation that causes no event. node is the name of this node.
func changeOf(ctx context.Context, e vfs.Event, node string, at time.Time) (change, bool) {
	kind, ok := kindOf(e)
	if !ok {
		return change{}, false
	}
	d := Data{Operation: e.Op, Node: node, Backend: e.Backend, Path: e.Root.Join(e.Path).Place().String()}
	if s := session.From(ctx); s != nil {
		u := s.User()
		d.Tenant, d.User, d.Protocol, d.Session = u.Tenant, u.Name, s.Protocol, s.ID
		if s.Remote.IsValid() {
			d.ClientIP, d.ClientPort = s.Remote.Addr().String(), s.Remote.Port()
		}
	}
	c := change{kind: kind}
	switch from, to := d.Path, e.Root.Join(e.To).Place().String(); e.Op {
	case "rename":
		d.Path, d.OldPath = to, from
		c.at = append(c.at, elements(d.Tenant, from))
	case "copy":
		d.Path, d.SourcePath = to, from
	}
	c.at = append(c.at, elements(d.Tenant, d.Path))
	if r := e.Receipt; r != nil {
		d.URL, d.ETag, d.CRC64 = r.URL, r.ETag, r.CRC64
		if r.Size >= 0 && !isDirectory(kind) {
			d.ContentLength = &r.Size
		}
	}
	c.Event = Event{
		SpecVersion: "1.0", ID: rand.Text(), Source: source(d.Tenant, d.Backend), Type: "tidegate." + string(kind) + ".v1",
		Subject: d.Path, Time: at.UTC().Format(time.RFC3339Nano), DataContentType: "application/json", Data: d,
	}
	return c, true
}

// kindOf returns what a successful operation was, false for one that nobody is told of.
func kindOf(e vfs.Event) (Kind, bool) {
	dir := e.Receipt != nil && e.Receipt.Type == vfs.TypeDir
	switch {
	case e.Err != nil:
		return "", false
	case e.Op == "write", e.Op == "copy":
		return FileCommitted, true
	case e.Op == "remove" && dir:
		return DirectoryDeleted, true
	case e.Op == "remove":
		return FileDeleted, true
	case e.Op == "rename" && dir:
		return DirectoryRenamed, true
	case e.Op == "rename":
		return FileRenamed, true
	case e.Op == "mkdir":
		return DirectoryCreated, true
	}
	return "", false
}

func isDirectory(k Kind) bool { return strings.HasPrefix(string(k), "directory.") }

// source is a relative reference of RFC 3986.
func source(tenant, backend string) string {
	return "/tidegate/" + url.PathEscape(tenant) + "/" + url.PathEscape(backend)
}

// elements returns the parts of a path, the tenant first.
func elements(tenant, path string) []string {
	if path == "/" {
		return []string{tenant}
	}
	return strings.Split(tenant+path, "/")
}
