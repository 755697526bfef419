package main

import (
	"context"
	"fmt"
	"time"
)

// logins is the table of what clients cost that log in for each file.
func (b *bench) logins() table {
	t := table{
		title: "Clients that log in for each file",
		note: "The store is like Azure. The user's password has an argon2id hash as `tidegate hash-password` makes them; " +
			"over SFTP it logs in with an Ed25519 key instead. From the connection to the end of the session.",
		columns: []string{"work", "Tidegate"},
	}
	for _, p := range []protocol{plainFTP(), explicitFTPS(), sftpWith(b.keys)} {
		for _, sessions := range []int{1, b.scale.sessions} {
			name := fmt.Sprintf("%s login and put, %s × %d files of %s", p.name, plural(sessions, "client"), b.scale.files, bytesText(smallFile))
			t.rows = append(t.rows, row{name, func(ctx context.Context) (cells []string, err error) {
				err = b.on(ctx, azure(), func(s *site) error {
					cells, err = s.loginForEach(ctx, p, sessions)
					return err
				})
				return cells, err
			}})
		}
	}
	return t
}

func (s *site) loginForEach(ctx context.Context, p protocol, sessions int) ([]string, error) {
	files := s.b.scale.files
	var l latencies
	before, err := s.gateway.usage()
	if err != nil {
		return nil, err
	}
	err = together(make([]client, sessions), func(i int, _ client) error {
		for n := range files {
			err := l.time(func() error {
				c, err := p.open(ctx, s.gateway, nil)
				if err != nil {
					return err
				}
				defer c.close()
				return put.move(c, fmt.Sprintf("small-%d-%d", i, n), smallFile)
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	after, err := s.gateway.usage()
	each := (after.cpu - before.cpu) / time.Duration(sessions*files)
	return []string{fmt.Sprintf("p50 %s, p95 %s, %s cpu each", millis(l.p50()), millis(l.p95()), millis(each))}, err
}
