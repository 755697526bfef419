package azblob_test

import (
	"strings"
	"testing"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/azurite"
	"github.com/tidegate/tidegate/vfs"
)

// TestProbeNamespace: whatever right is missing, no account is taken for another kind.
func TestProbeNamespace(t *testing.T) {
	refuse := func(match func(*azstub.Request) bool, status int, code string) []azstub.Rule {
		return []azstub.Rule{{Match: match, Fault: azstub.Fail(azstub.BeforeBody(), status, code)}}
	}
	permissions := func(r *azstub.Request) bool { return r.Query.Get("include") == "permissions" }
	account := func(r *azstub.Request) bool { return r.Kind == azstub.AccountInfo }
	either := func(r *azstub.Request) bool { return permissions(r) || account(r) }
	dfs := func(r *azstub.Request) bool { return r.Kind == azstub.HeadFilesystem }
	const unknown = `write hns = "true" in the backend's block if it has one, and hns = "false" if it has none`
	tests := []struct {
		name  string
		hns   bool
		deny  []azstub.Kind
		rules []azstub.Rule
		say   azblob.Namespace
		want  string // "" opens it
		flat  bool   // it is taken for flat although it is not
	}{
		{name: "flat"},
		{name: "hierarchical", hns: true},
		{name: "flat, data role", deny: azstub.DataContributor()},
		{name: "hierarchical, data role", hns: true, deny: azstub.DataContributor()},
		{name: "flat, SAS", deny: azstub.ContainerSAS()},
		{name: "hierarchical, SAS", hns: true, deny: azstub.ContainerSAS()},
		{name: "hierarchical, container cannot be looked at", hns: true, rules: refuse(dfs, 403, "AuthorizationPermissionMismatch")},
		{name: "hierarchical, dfs refuses", hns: true, rules: refuse(dfs, 403, "AuthorizationFailure"), want: "refuses the gateway: the account's firewall"},
		{name: "hierarchical, another server", hns: true, rules: refuse(dfs, 400, "InvalidUri"), want: "answers with an error: correct dfs_endpoint"},
		{name: "hierarchical, dfs is down", hns: true, rules: refuse(dfs, 503, "ServerBusy"), want: "does not answer as it should"},
		{name: "flat, permissions refused", rules: refuse(permissions, 403, "AuthorizationPermissionMismatch")},
		{name: "hierarchical, permissions refused", hns: true, rules: refuse(permissions, 403, "AuthorizationPermissionMismatch")},
		{name: "namespace unknown", rules: refuse(either, 403, "AuthorizationPermissionMismatch"), want: unknown},
		{name: "hierarchical, namespace unknown", hns: true, rules: refuse(either, 403, "AuthorizationPermissionMismatch"), want: unknown},
		{name: "another mistake is no answer", hns: true, rules: refuse(either, 400, "InvalidHeaderValue"), want: unknown},
		{name: "namespace unknown, the operator says flat", say: azblob.NamespaceFlat, rules: refuse(either, 403, "AuthorizationPermissionMismatch")},
		{name: "namespace unknown, the operator says hierarchical", hns: true, say: azblob.NamespaceHierarchical, rules: refuse(either, 403, "AuthorizationPermissionMismatch")},
		{name: "the operator says hierarchical of a flat one", say: azblob.NamespaceHierarchical, want: "the account has no hierarchical namespace"},
		{name: "the operator says flat of a hierarchical one", hns: true, say: azblob.NamespaceFlat, flat: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := azstub.Start(t, azstub.Options{HNS: test.hns, Deny: test.deny, Rules: test.rules})
			b := openStub(t, s, azblob.Options{DFSEndpoint: s.DFSURL()})
			wantLine(t, b.Probe(t.Context(), test.say), test.want)
			if got, want := b.Caps().AtomicRenameDir, test.hns && test.want == "" && !test.flat; got != want {
				t.Errorf("directories are moved at once: %v, want %v", got, want)
			}
		})
	}
}

// TestProbeWithoutDFS: an endpoint for Data Lake Storage that is missing shows at the start.
func TestProbeWithoutDFS(t *testing.T) {
	s := azstub.Start(t, azstub.Options{HNS: true})
	for endpoint, want := range map[string]string{
		"":                            `write dfs_endpoint = "https://NAME.dfs.…"`,
		"http://lake.invalid/account": "endpoint for Data Lake Storage, lake.invalid, is not known",
		"http://127.0.0.1:1/account":  "endpoint for Data Lake Storage, 127.0.0.1:1, does not answer as it should",
		s.URL():                       "answers with an error: correct dfs_endpoint",
	} {
		b := openStub(t, s, azblob.Options{DFSEndpoint: endpoint})
		wantLine(t, b.Probe(t.Context(), azblob.NamespaceAuto), want)
	}
}

// wantLine checks what an operator is told at start.
func wantLine(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Error(err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("got %v, want %q", err, want)
	case err != nil && strings.Contains(err.Error(), "\n"):
		t.Errorf("more than one line: %q", err)
	case err != nil && strings.Contains(err.Error(), vfs.KindUnavailable.Reason()):
		t.Errorf("says what to do, and to try again later: %v", err)
	}
}

// TestProbeAzurite: the emulator ignores what only hierarchical namespaces know.
func TestProbeAzurite(t *testing.T) {
	t.Parallel()
	b := onAzurite(t, azurite.Shared(t), azblob.Options{})
	if err := b.Probe(t.Context(), azblob.NamespaceAuto); err != nil {
		t.Error(err)
	}
}
