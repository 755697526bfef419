package launch

import (
	_ "embed" // for the template
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/template"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/testing/azstub"
)

// Config is the configuration of a gateway: one store, and frontends named "public" on free ports of 127.0.0.1. Zero fields leave the gateway's
// defaults.
type Config struct {
	Store Store
	// Mounts are further mounts of each tenant.
	Mounts []Mount
	// FTP and SFTP are the frontends, nil for none.
	FTP  *FTP
	SFTP *SFTP
	// Tenants are the tenants; their files are in the store.
	Tenants []Tenant
	// Grace and Memory are of the block transfers: "30s", "16MiB".
	Grace, Memory string
	// LogLevel is "debug" and so on.
	LogLevel string
	// NodeIndex is an expression: env("NODE_INDEX").
	NodeIndex string
	// More are further blocks, in HCL.
	More string
}

// FTP is a frontend.
type FTP struct {
	// Listen and DataListen are addresses, "" for a free port of 127.0.0.1.
	Listen, DataListen string
	// Host is the address that passive replies name. Port, an expression, is
	// the port that they name.
	Host, Port string
	// Banner may hold expressions: "node ${node.index}".
	Banner string
	// CertFile and KeyFile are those of explicit TLS, "" for a certificate that
	// the gateway signs itself.
	CertFile, KeyFile string
	// ProxyProtocol lists the networks of proxies that speak PROXY.
	ProxyProtocol []string
	// DataProxyProtocol is the same for data connections.
	DataProxyProtocol []string
	CommitDelay       string
}

// SFTP is a frontend.
type SFTP struct {
	// Listen is an address, "" for a free port of 127.0.0.1.
	Listen        string
	HostKeyFiles  []string
	Legacy        bool
	ProxyProtocol []string
}

// Tenant has the files below a directory of the store.
type Tenant struct {
	Name string
	// Path is the directory, "" for the root.
	Path string
	// UserCAs are lines of public keys that sign certificates of users.
	UserCAs []string
	Users   []User
}

// User logs in to a tenant.
type User struct {
	Name string
	// Hash is that of the password; see [Hash].
	Hash string
	// Keys are lines of authorized_keys.
	Keys []string
	// Login says which credentials are needed: "key_and_password".
	Login string
}

// Mount is a store at a path.
type Mount struct {
	Path  string
	Store Store
}

// Store is a backend block.
type Store struct {
	// Type and Name are its labels: "azblob" "files".
	Type, Name string

	Root                              string // local
	Endpoint, Container, Account, Key string // azblob, by shared key
	DFS                               string // azblob: the Data Lake endpoint, "" for none
}

// Local is a store in a directory.
func Local(root string) Store { return Store{Type: "local", Name: "files", Root: root} }

// Azblob is a container of an emulator's account. Account is "" for the usual
// one of emulators.
func Azblob(endpoint, container, account, key string) Store {
	return Store{Type: "azblob", Name: "files", Endpoint: endpoint, Container: container, Account: account, Key: key}
}

// Stub is a container of the stub at this URL.
func Stub(url, container string) Store { return Azblob(url, container, "", azstub.DevKey) }

//go:embed gateway.hcl.tmpl
var gatewayTemplate string

// Text is the configuration in HCL.
func (c Config) Text() (string, error) { return text("gateway", c) }

// Text is the block in HCL.
func (s Store) Text() (string, error) { return text("store", s) }

func text(name string, data any) (string, error) {
	t, err := template.New("gateway").Funcs(template.FuncMap{"quote": config.Quote, "list": list}).Parse(gatewayTemplate)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.ExecuteTemplate(&b, name, data)
	return b.String(), err
}

// list writes a list of strings as HCL does.
func list(all []string) string {
	quoted := make([]string, len(all))
	for i, s := range all {
		quoted[i] = config.Quote(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// Write writes the configuration to a file of the test and returns its path.
func (c Config) Write(t testing.TB) string {
	t.Helper()
	text, err := c.Text()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "tidegate.hcl")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
