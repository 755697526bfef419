package azblob_test

import (
	"strings"
	"testing"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/azurite"
	"github.com/tidegate/tidegate/vfs"
)

// TestProbeNamespace: whatever right is missing, no account is taken for flat
// that may be hierarchical.
func TestProbeNamespace(t *testing.T) {
	refuse := func(match func(*azstub.Request) bool, status int, code string) []azstub.Rule {
		return []azstub.Rule{{Match: match, Fault: azstub.Fail(azstub.BeforeBody(), status, code)}}
	}
	permissions := func(r *azstub.Request) bool { return r.Query.Get("include") == "permissions" }
	account := func(r *azstub.Request) bool { return r.Kind == azstub.AccountInfo }
	either := func(r *azstub.Request) bool { return permissions(r) || account(r) }
	tests := []struct {
		name  string
		hns   bool
		deny  []azstub.Kind
		rules []azstub.Rule
		say   azblob.Namespace
		want  string // "" opens it
	}{
		{name: "flat"},
		{name: "hierarchical", hns: true, want: "hierarchical namespace"},
		{name: "flat, data role", deny: azstub.DataContributor()},
		{name: "hierarchical, data role", hns: true, deny: azstub.DataContributor(), want: "hierarchical namespace"},
		{name: "flat, SAS", deny: azstub.ContainerSAS()},
		{name: "hierarchical, SAS", hns: true, deny: azstub.ContainerSAS(), want: "hierarchical namespace"},
		{name: "flat, permissions refused", rules: refuse(permissions, 403, "AuthorizationPermissionMismatch")},
		{name: "hierarchical, permissions refused", hns: true, rules: refuse(permissions, 403, "AuthorizationPermissionMismatch"), want: "hierarchical namespace"},
		{name: "nobody tells", rules: refuse(either, 403, "AuthorizationPermissionMismatch"), want: `write hns = "false"`},
		{name: "nobody tells of a hierarchical one", hns: true, rules: refuse(either, 403, "AuthorizationPermissionMismatch"), want: `write hns = "false"`},
		{name: "another mistake is no answer", hns: true, rules: refuse(either, 400, "InvalidHeaderValue"), want: `write hns = "false"`},
		{name: "nobody tells, the operator does", say: azblob.NamespaceFlat, rules: refuse(either, 403, "AuthorizationPermissionMismatch")},
		{name: "the operator says hierarchical", say: azblob.NamespaceHierarchical, want: "not supported yet"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := azstub.Start(t, azstub.Options{HNS: test.hns, Deny: test.deny, Rules: test.rules})
			b := openStub(t, s, azblob.Options{})
			wantLine(t, b.Probe(t.Context(), test.say), test.want)
		})
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
