package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/test/launch"
)

const (
	containerName = "bench"
	user          = "bench"
	password      = "correct horse battery staple"
)

// The frontends, as the log calls them.
const (
	ftpFrontend  = "ftp.public"
	sftpFrontend = "sftp.public"
)

// The hashes of the password.
const (
	// argonHash is as tidegate hash-password makes them.
	argonHash = "$argon2id$v=19$m=19456,t=2,p=1$aJlFZMQeo4p7L4MGnEIOyg$625uaw1pMjk2AphbAFkjbNIkv+VhOUe6Y7LiK+blgpY"
	// cheapHash is for rows that logins must not disturb.
	cheapHash = "$2a$04$4CBZXKTA54R/w7ZKj683qu57c/vaufgGVdRT2ly6jiVzIW/F3gDB6"
)

// site is a store and what stands in front of it.
type site struct {
	b       *bench
	store   *azstub.Server
	gateway *process
	// floor is nil until startFloor.
	floor *process
	// dir is for its files. certificate is the file with the store's, for the processes to
	// trust.
	dir, certificate string
	// variant tells sites of one row apart. change changes the configuration; nil changes
	// nothing. silent is true when the log has no lines that say where it listens: the
	// configuration says it then.
	variant string
	change  func(*launch.Config)
	silent  bool
}

// fast is a store that costs as little as possible.
func fast() azstub.Options { return azstub.Options{Discard: true, SkipChecksums: true} }

// site starts a store and a gateway whose user has this hash. Each row has its
// own, so that none begins with the memory of another.
func (b *bench) site(ctx context.Context, o azstub.Options, hash string) (*site, error) {
	return b.siteLike(ctx, o, hash, &site{})
}

// siteLike starts a site with the variant and the changes of another one.
func (b *bench) siteLike(ctx context.Context, o azstub.Options, hash string, s *site) (*site, error) {
	o.TLS = true
	o.Auth = azstub.NoAuth // the relay has no key
	store, err := azstub.New(o)
	if err != nil {
		return nil, err
	}
	s.b, s.store = b, store
	if s.dir, err = os.MkdirTemp(b.dir, "site"); err != nil {
		return nil, err
	}
	s.certificate = filepath.Join(s.dir, "store.pem")
	if err := s.start(ctx, hash); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *site) start(ctx context.Context, hash string) error {
	if err := s.store.Listen(ctx, "127.0.0.1:0"); err != nil {
		return err
	}
	s.store.CreateContainer(containerName)
	pem, err := s.store.CertPEM()
	if err != nil {
		return err
	}
	if err := os.WriteFile(s.certificate, pem, 0o600); err != nil {
		return err
	}
	configuration := s.configuration(hash)
	if s.change != nil {
		s.change(&configuration)
	}
	text, err := configuration.Text()
	if err != nil {
		return err
	}
	file := filepath.Join(s.dir, "gateway.hcl")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, s.b.program, "serve", file)
	cmd.Env = append(cmd.Environ(), "SSL_CERT_FILE="+s.certificate)
	if s.b.profiles != "" {
		cmd.Env = append(cmd.Env, profileVariable+"="+filepath.Join(s.b.profiles, fileName(s.b.row+" "+s.variant)))
	}
	if s.silent {
		s.gateway, err = startSilent(ctx, cmd, ftpFrontend, configuration.FTP.Listen)
		return err
	}
	s.gateway, err = start(ctx, cmd, ftpFrontend, sftpFrontend)
	return err
}

// configuration is what the gateway is measured with: defaults wherever there
// are any.
func (s *site) configuration(hash string) launch.Config {
	others := []launch.User{{Name: neighbour, Hash: hash}}
	for i := range 2 * firstLogins {
		others = append(others, launch.User{Name: newcomer(i), Hash: hash})
	}
	files := launch.Stub(s.store.URL(), containerName)
	files.DFS = s.store.DFSURL()
	return launch.Config{
		Store: files,
		FTP:   &launch.FTP{}, SFTP: &launch.SFTP{HostKeyFiles: []string{s.b.keys.hostFile}},
		Tenants: []launch.Tenant{
			{Name: "bench", Users: []launch.User{{Name: user, Hash: hash, Keys: []string{line(s.b.keys.user)}}}},
			{Name: "other", Users: others},
		},
		Grace: "5s",
	}
}

// fileName makes a file's name of a row's.
func fileName(row string) string {
	return strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(row), "-"), "-")
}

// startFloor starts the relay beside the gateway.
func (s *site) startFloor(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, self, relayCommand, s.store.URL()+"/"+containerName)
	cmd.Env = append(cmd.Environ(), "SSL_CERT_FILE="+s.certificate)
	s.floor, err = start(ctx, cmd, relayCommand)
	return err
}

// close ends everything.
func (s *site) close() error {
	var errs []error
	for _, p := range []*process{s.gateway, s.floor} {
		if p != nil {
			errs = append(errs, p.Stop())
		}
	}
	return errors.Join(append(errs, s.store.Close())...)
}

// on runs do on a new site.
func (b *bench) on(ctx context.Context, o azstub.Options, do func(*site) error) error {
	return b.onHash(ctx, o, argonHash, do)
}

func (b *bench) onHash(ctx context.Context, o azstub.Options, hash string, do func(*site) error) error {
	s, err := b.site(ctx, o, hash)
	if err != nil {
		return err
	}
	return errors.Join(do(s), s.close())
}
