package frontendtest

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/vfs"
)

// Target is one way to reach one kind of server.
type Target struct {
	// Backend returns an empty store of its own. It registers with
	// t.Cleanup what ends it.
	Backend func(t *testing.T) vfs.Backend
	// Start returns a server that is bound to a port of the loopback address.
	// The suite calls its Serve.
	Start func(t *testing.T, o ServerOptions) frontends.Server
	// Dial connects and logs in. A login that is refused is an *Error. ctx
	// governs the session.
	Dial func(ctx context.Context, addr string, l Login) (Client, error)
	// Account, when it is set, adds to an account what Dial uses instead of this password,
	// such as a key.
	Account func(a *auth.Account, password string)
	// Breaks are all ways in which an upload can be broken off.
	Breaks []Break
	// Codes are the codes with which the protocol may answer an operation that
	// failed with an error of a kind: one, unless the operation has parts.
	Codes func(op Op, k vfs.Kind) []int
	// Unsayable are the bytes that no name in this protocol can hold.
	Unsayable string
	// Refuses reports whether the store cannot hold an entry called name. Nil
	// refuses nothing.
	Refuses func(name string) bool
	// Tree, when it is set, reads the store that Backend made last, past Backend:
	// directories with a slash at their end, files with their content. RunTargets reads a
	// store after each attempt, which through Backend takes as many requests as there are
	// directories.
	Tree func(ctx context.Context) (map[string]string, error)
	// Small leaves out what takes long over a slow store: very large files and
	// directories.
	Small bool
	// Slow leaves out of RunTargets, in addition, what frontend and View decide before
	// they ask the store.
	Slow bool
	// Names leaves out of RunTargets, in addition, what does not depend on how the store
	// takes names.
	Names bool
	// Ambient are parts of the stacks of goroutines that are not the server's:
	// a store's connections.
	Ambient []string
}

// ServerOptions are what the suite wants of a server.
type ServerOptions struct {
	Auth *auth.Authenticator
	// Tenants are those that are served, all when there are none.
	Tenants []string
	Log     *slog.Logger
	// Grace is how long running transfers may continue after the stop.
	Grace time.Duration
	// IdleTimeout is after how long an idle session ends; 0 is the server's
	// default, which must be longer than a test.
	IdleTimeout time.Duration
}

// Login is what a user types.
type Login struct{ User, Password string }

// Op is an operation of a Client, for Target.Codes.
type Op string

// The operations. OpRead and OpWrite are the transfer after it began, OpCommit
// its end.
const (
	OpList       Op = "list"
	OpStat       Op = "stat"
	OpOpen       Op = "open"
	OpRead       Op = "read"
	OpCreate     Op = "create"
	OpWrite      Op = "write"
	OpCommit     Op = "commit"
	OpDelete     Op = "delete"
	OpMkdir      Op = "mkdir"
	OpRmdir      Op = "rmdir"
	OpRename     Op = "rename"
	OpSetModTime Op = "set-mod-time"
	OpCd         Op = "cd"
)

// suiteTest is one test of the suite.
type suiteTest struct {
	name string
	run  func(t *testing.T, target Target)
}

// Run runs the suite, each test as a subtest of t.
func Run(t *testing.T, target Target) {
	t.Helper()
	run(t, target, slices.Concat(
		loginTests(), transferTests(), concurrencyTests(), breakTests(), resumeTests(),
		directoryTests(), renameTests(), refusalTests(), onlyDirTests(), listTests(), nameTests(), timeTests(),
		permissionTests(), tenantTests(), limitTests(), errorTests(), lifecycleTests(),
	))
}

// RunStore runs the part of the suite that depends on the store: what becomes of files and
// directories, and what an upload that breaks off leaves.
func RunStore(t *testing.T, target Target) {
	t.Helper()
	run(t, target, slices.Concat(
		transferTests(), breakTests(), resumeTests(), directoryTests(), renameTests(), onlyDirTests(), listTests(), nameTests(), timeTests(),
	))
}

// RunLogins runs the part of the suite that depends on how a client proves who
// it is. A protocol with several ways runs Run with one of them and RunLogins
// with the others.
func RunLogins(t *testing.T, target Target) {
	t.Helper()
	run(t, target, slices.Concat(loginTests(), tenantTests()))
}

// RunConnections runs the part of the suite that depends on what a client's connections
// are: RunLogins, and how transfers run and end. It is for a further kind of connection
// beside the one with which Run was run.
func RunConnections(t *testing.T, target Target) {
	t.Helper()
	run(t, target, slices.Concat(loginTests(), tenantTests(), transferTests(), breakTests(), limitTests()))
}

func run(t *testing.T, target Target, tests []suiteTest) {
	t.Helper()
	if target.Refuses == nil {
		target.Refuses = func(string) bool { return false }
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.run(t, target) })
	}
}
