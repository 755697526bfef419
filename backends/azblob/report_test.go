package azblob_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// logBuffer collects lines of JSON.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logBuffer) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// lines returns the lines of one level.
func (l *logBuffer) lines(t *testing.T, level string) (found []map[string]any) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range bytes.Lines(l.buf.Bytes()) {
		attrs := map[string]any{}
		if err := json.Unmarshal(line, &attrs); err != nil {
			t.Fatal(err)
		}
		if attrs["level"] == level {
			found = append(found, attrs)
		}
	}
	return found
}

// token is an identity whose tokens contain its name.
type token struct{}

func (token) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	claims := base64.RawURLEncoding.EncodeToString([]byte(`{"oid":"11111111-2222"}`))
	return azcore.AccessToken{Token: "e30." + claims + ".c2ln", ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// fast is a service whose clock is ahead.
type fast struct {
	http.RoundTripper
	ahead time.Duration
}

func (f fast) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := f.RoundTripper.RoundTrip(req)
	if err == nil {
		resp.Header.Set("Date", time.Now().Add(f.ahead).UTC().Format(http.TimeFormat))
	}
	return resp, err
}

// TestGatewayRefused: when the service refuses the gateway, clients may try again
// later, and the log says once a minute what to do.
func TestGatewayRefused(t *testing.T) {
	const sas = "?sv=2022-11-02&sr=c&sig=" + planted
	past, future := time.Now().Add(-time.Hour).UTC().Format(time.RFC3339), time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	key, sasOf, identity := "key", func(fields string) string { return sas + fields }, "token"
	tests := []struct {
		name       string
		credential string
		status     int
		code       string
		ahead      time.Duration
		want       string
	}{
		{"wrong key", key, 403, "AuthenticationFailed", 0, "the key is none of the account devstoreaccount1's"},
		{"our clock is slow", key, 403, "AuthenticationFailed", time.Hour, "clock is 1h0m0s behind"},
		{"our clock is fast", key, 403, "AuthenticationFailed", -time.Hour, "clock is 1h0m0s ahead"},
		{"SAS has expired", sasOf("&se=" + past), 403, "AuthenticationFailed", 0, "has expired at " + past},
		{"SAS is too new", sasOf("&se=" + future + "&st=" + future), 403, "AuthenticationFailed", 0, "not valid before " + future},
		{"SAS is not accepted", sasOf("&se=" + future), 403, "AuthenticationFailed", 0, "stored policy has ended"},
		{"SAS lacks a permission", sasOf("&sp=rl"), 403, "AuthorizationPermissionMismatch", 0, "it needs racwdl and has rl"},
		{"SAS for an address", sasOf("&sip=10.0.0.1"), 403, "AuthorizationSourceIPMismatch", 0, "sip=10.0.0.1"},
		{"SAS without w", sasOf("&sp=rcl"), 403, "UnauthorizedBlobOverwrite", 0, "permission w"},
		{"no right", identity, 403, "AuthorizationPermissionMismatch", 0, "object id 11111111-2222 lacks a right for the request HEAD"},
		{"token of another tenant", identity, 401, "InvalidAuthenticationInfo", 0, "is not accepted"},
		{"firewall", identity, 403, "AuthorizationFailure", 0, "firewall"},
		{"wrong key of Azurite", key, 403, "AuthorizationFailure", 0, "or the key is none of the account devstoreaccount1's"},
		{"SAS has expired, of Azurite", sasOf("&se=" + past), 403, "AuthorizationFailure", 0, "has expired at " + past},
		{"firewall, without a code", identity, 403, "", 0, "is not accepted"},
		{"no shared keys", key, 403, "KeyBasedAuthenticationNotPermitted", 0, "shared keys are switched off"},
		{"nothing public", "none", 409, "PublicAccessNotPermitted", 0, "anonymous access"},
		{"no credential", "none", 401, "NoAuthenticationInformation", 0, "not public"},
		{"key vault", identity, 403, "KeyVaultEncryptionKeyNotFound", 0, "key vault"},
		{"account is disabled", key, 403, "AccountIsDisabled", 0, "disabled"},
		{"read-only account", key, 403, "InsufficientAccountPermissions", 0, "only be read"},
		{"container is gone", key, 404, "ContainerNotFound", 0, "no such container"},
		{"strict Azurite", key, 500, "FeatureNotSupported", 0, "--loose"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := azstub.Start(t, azstub.Options{Auth: azstub.NoAuth, TLS: true})
			s.CreateContainer(testContainer)
			client, err := s.Client()
			if err != nil {
				t.Fatal(err)
			}
			log := &logBuffer{}
			o := azblob.Options{Chunks: chunk.New(4 << 20), Log: log.logger(), Place: "store.hcl:7", Retry: quick(), Transport: client.Transport}
			if test.ahead != 0 {
				o.Transport = fast{o.Transport, test.ahead}
			}
			o.ContainerURL = s.URL() + "/" + testContainer
			switch test.credential {
			case key:
				o.ConnectionString, o.ContainerURL = s.ConnectionString(), testContainer
			case identity:
				o.Token = token{}
			case "none":
			default:
				o.ContainerURL += test.credential
			}
			b, err := azblob.New(o)
			if err != nil {
				t.Fatal(err)
			}
			s.AddRule(azstub.Rule{Fault: azstub.Fail(azstub.BeforeBody(), test.status, test.code)})
			for range 3 {
				_, err := b.Stat(t.Context(), vfs.MustParse("/file"), vfs.TypeFile)
				wantKind(t, err, vfs.KindUnavailable)
				_, err = load(t.Context(), b, "/file", vfs.OpenOptions{})
				wantKind(t, err, vfs.KindUnavailable)
				if strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), planted) {
					t.Errorf("got %q", err)
				}
			}
			errs := log.lines(t, "ERROR")
			if len(errs) != 1 {
				t.Fatalf("%d errors in the log, want 1: %v", len(errs), errs)
			}
			if remedy := fmt.Sprint(errs[0]["remedy"]); !strings.Contains(remedy, test.want) || strings.Contains(remedy, planted) {
				t.Errorf("the log says %q, want %q", remedy, test.want)
			}
			if errs[0]["code"] != test.code {
				t.Errorf("the log has the code %v", errs[0]["code"])
			}
			wantLine(t, b.Probe(t.Context(), azblob.NamespaceAuto), strings.Replace(test.want, "HEAD", "GET", 1))
		})
	}
}

// TestErrorsAreOneLine: no dump of the SDK's comes through with any operation,
// whatever fails.
func TestErrorsAreOneLine(t *testing.T) {
	ctx := t.Context()
	content := random(3 * suiteBlock)
	ops := map[string]func(b *azblob.Backend) error{
		"stat": func(b *azblob.Backend) error {
			_, err := b.Stat(ctx, vfs.MustParse("/a/file"), vfs.TypeAny)
			return err
		},
		"list":   func(b *azblob.Backend) error { _, err := list(ctx, b, "/a"); return err },
		"read":   func(b *azblob.Backend) error { _, err := load(ctx, b, "/a/file", vfs.OpenOptions{}); return err },
		"mkdir":  func(b *azblob.Backend) error { return b.Mkdir(ctx, vfs.MustParse("/new")) },
		"remove": func(b *azblob.Backend) error { return b.Remove(ctx, vfs.MustParse("/a/file"), vfs.TypeFile) },
		"rmdir":  func(b *azblob.Backend) error { return b.Remove(ctx, vfs.MustParse("/empty"), vfs.TypeDir) },
		"rename": func(b *azblob.Backend) error {
			return b.Rename(ctx, vfs.MustParse("/a/file"), vfs.MustParse("/b"), vfs.RenameOptions{NoReplace: true})
		},
		"rename a directory": func(b *azblob.Backend) error {
			return b.Rename(ctx, vfs.MustParse("/a"), vfs.MustParse("/b"), vfs.RenameOptions{})
		},
		"copy": func(b *azblob.Backend) error {
			_, err := b.Copy(ctx, vfs.MustParse("/a/file"), vfs.MustParse("/b"), vfs.CopyOptions{})
			return err
		},
		"times": func(b *azblob.Backend) error { return b.SetModTime(ctx, vfs.MustParse("/a/file"), time.Unix(1e9, 0)) },
	}
	for _, mode := range []vfs.Mode{vfs.ModeReplace, vfs.ModeExclusive, vfs.ModeAppend} {
		for _, size := range []int{10, len(content)} {
			ops[fmt.Sprintf("write %v %d", mode, size)] = func(b *azblob.Backend) error {
				_, err := store(ctx, b, "/a/file", vfs.CreateOptions{Mode: mode}, bytes.NewReader(content[:size]))
				return err
			}
		}
	}
	faults := []struct {
		status int
		code   string
	}{{403, "AuthorizationFailure"}, {409, "BlobImmutableDueToLegalHold"}, {412, "ConditionNotMet"}, {409, "BlobAlreadyExists"}, {400, "InvalidBlobOrBlock"}, {500, "InternalError"}}
	for name, op := range ops {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := azstub.Start(t, azstub.Options{})
			log := &logBuffer{}
			o := small()
			o.Log = log.logger()
			b := openStub(t, s, o)
			place(t, s, map[string]azstub.Blob{"a/file": {Content: []byte("old")}, "empty/": {Content: []byte{}, Metadata: map[string]string{"hdi_isfolder": "true"}}})
			for _, f := range faults {
				// Each request of the operation fails in its turn, and so
				// does everything behind it.
				for skip := range 3 {
					remove := s.AddRule(azstub.Rule{Skip: skip, Fault: azstub.Fail(azstub.BeforeBody(), f.status, f.code)})
					if err := op(b); err != nil && strings.ContainsAny(err.Error(), "\r\n") {
						t.Errorf("%d %s at request %d: %q", f.status, f.code, skip, err)
					}
					remove()
				}
			}
			log.mu.Lock()
			defer log.mu.Unlock()
			if strings.Contains(log.buf.String(), "----") {
				t.Errorf("the log has a dump: %s", log.buf.String())
			}
		})
	}
}
