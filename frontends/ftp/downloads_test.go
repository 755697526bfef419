package ftp_test

import (
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/internal/fairshare"
	budget "github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// A download takes a place and memory from its beginning to its end, however slowly its
// client reads. Without them it is refused for now, and uploads and listings are not.
func TestTooManyDownloads(t *testing.T) {
	t.Parallel()
	for name, bound := range map[string]func(t *testing.T, o *ftp.Options){
		"of memory": func(t *testing.T, o *ftp.Options) {
			o.Memory = frontendtest.ScarceMemory(t, 2*budget.SessionFTP+budget.DownloadFTP)
		},
		"of all": func(t *testing.T, o *ftp.Options) {
			// Other frontends have all but one.
			o.Memory, o.Ledger = budget.Divide(budget.Default), fairshare.New()
			most := o.Memory.Sessions.Most() / (budget.SessionFTP + budget.DownloadFTP)
			others, err := o.Ledger.Resource("downloads over FTP", most).TryAcquire(fairshare.Holder{}, most-1)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(others.Release)
		},
	} {
		t.Run(name, func(t *testing.T) {
			log := &journal{}
			g := start(t, memory.New(), func(o *ftp.Options) {
				bound(t, o)
				o.Log = slog.New(slog.NewTextHandler(log, nil))
			})
			first, second := g.login(ftpclient.Options{}), g.login(ftpclient.Options{})
			g.put(first, "large", strings.Repeat("large", 8<<20))
			slow, err := first.Transfer("RETR large", 0)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if _, err := second.Get("large", 0, io.Discard); ftpclient.CodeOf(err) != 450 {
					t.Fatalf("one download too many: %v, want 450", err)
				}
			}
			if found := log.lines("setting=transfers.memory"); len(found) != 1 {
				t.Errorf("the log names the setting %d times, want once a minute", len(found))
			}
			g.put(second, "f", "x")
			if _, err := second.List("", time.Now()); err != nil {
				t.Error(err)
			}
			if _, err := slow.Abort(ftpclient.AbortPlain); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				if _, err := second.Get("large", 0, io.Discard); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
