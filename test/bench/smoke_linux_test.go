package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMain makes this test binary the programs that the benchmark starts itself as.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && slices.Contains([]string{relayCommand, neighbourCommand, floodCommand, refuserCommand}, os.Args[1]) {
		main()
		return
	}
	os.Exit(m.Run())
}

// A row whose server never answers is cancelled.
func TestRowThatHangs(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	hangs := row{"hangs", func(ctx context.Context) ([]string, error) {
		relay, err := start(ctx, exec.CommandContext(ctx, self, relayCommand, "https://localhost/none"), relayCommand)
		if err != nil {
			return nil, err
		}
		conn, err := net.Dial("tcp", relay.addresses[relayCommand])
		if err != nil {
			return nil, errors.Join(err, relay.Stop())
		}
		defer conn.Close()
		_, err = io.ReadAll(conn) // the relay waits for a command
		return nil, errors.Join(err, relay.Stop())
	}}
	if _, err := hangs.within(t.Context(), time.Second); err == nil || !strings.Contains(err.Error(), "not done after 1s") {
		t.Errorf("got %v", err)
	}
}

// An interrupted run prints the rows that it has, and leaves the file as it is.
func TestInterrupted(t *testing.T) {
	out := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(out, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancelCause(t.Context())
	var page bytes.Buffer
	err := run(ctx, []string{"-program", filepath.Join(t.TempDir(), "none"), "-o", out, "-rows", "FTP login"}, &page, writerFunc(func(progress []byte) (int, error) {
		if bytes.Contains(progress, []byte("SFTP login")) {
			interrupt(errors.New("enough"))
		}
		return len(progress), nil
	}))
	if err == nil || !strings.Contains(err.Error(), "enough") {
		t.Errorf("the error is %v", err)
	}
	if text := page.String(); !strings.Contains(text, "interrupted: it has only the rows before `") || !strings.Contains(text, "| FTP login") {
		t.Errorf("the page is %s", text)
	}
	if text, err := os.ReadFile(out); err != nil || string(text) != "before" {
		t.Errorf("the file has %q, %v", text, err)
	}
}

type writerFunc func([]byte) (int, error)

func (w writerFunc) Write(b []byte) (int, error) { return w(b) }

// TestEveryTable measures one or two rows of every table at the smallest scale, with the
// profiled program. The numbers have no meaning.
func TestEveryTable(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	b := &bench{
		scale: scale{
			repeats: 1, stream: mib, part: mib, azure: mib, sessions: 2, files: 2,
			uploads: []int{2}, uploadSize: mib, slow: 4, many: 2, idle: 2, entries: []int{10}, perAddress: []int{2}, pairs: 1, targetPairs: 1, flood: 500,
		},
		only:  regexp.MustCompile(`CPU.* 1 ×|FTPS? put, 2|(FTPS|SFTP) login and put, 2|1 × 1|^Memory|^Fast|^One client|^Listings|(FTP STOR|SFTP put|OpenSSH put) of 64 KiB, rep|hierarchical namespace: FTP MKD|^One|put, 1 session|^What is seen.*(1 ×.*webhook|webhook in)|^A flood`),
		limit: time.Minute,
		dir:   t.TempDir(),
		log:   t.Output(),
	}
	profiles := t.TempDir()
	if err := b.profiled(t.Context(), profiles); err != nil {
		t.Fatal(err)
	}
	page, err := b.measure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", page)
	for _, table := range b.tables() {
		if !strings.Contains(string(page), "\n## "+table.title+"\n") {
			t.Errorf("no table %q", table.title)
		}
	}
	if strings.Contains(string(page), "could not") {
		t.Error("a row could not be measured")
	}
	found, err := filepath.Glob(filepath.Join(profiles, "*.cpu"))
	if err != nil || len(found) < len(b.tables()) {
		t.Errorf("profiles: %q, %v", found, err)
	}
}
