package frontendtest

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
)

func concurrencyTests() []suiteTest {
	return []suiteTest{
		{"concurrency/50 sessions", testSessions},
		{"concurrency/one name", testOneName},
	}
}

// testSessions lets 50 sessions work at once, each with a file of its own.
func testSessions(t *testing.T, target Target) {
	const sessions = 50
	s := serve(t, target, setup{})
	var wg sync.WaitGroup
	for i := range sessions {
		wg.Go(func() {
			if err := s.session(i); err != nil {
				t.Errorf("session %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if !t.Failed() {
		s.WantStoredNames("/")
	}
}

func (s *Server) session(i int) error {
	c, err := s.dial(Login{s.users[0].name, s.users[0].password})
	if err != nil {
		return fmt.Errorf("login: %w", err)
	}
	defer c.Close()
	dir := fmt.Sprintf("/dir%d", i)
	name := dir + "/file"
	if err := c.Mkdir(dir); err != nil {
		return fmt.Errorf("mkdir: %w", err)
	}
	for round := range 3 {
		data := content(byte(i), 64<<10+i+round)
		if err := put(c, name, data, CreateOptions{}); err != nil {
			return fmt.Errorf("upload %d: %w", round, err)
		}
		got, err := get(c, name, 0)
		if err != nil {
			return fmt.Errorf("download %d: %w", round, err)
		}
		if !bytes.Equal(got, data) {
			return fmt.Errorf("download %d: %d bytes that are not the %d sent", round, len(got), len(data))
		}
		entries, err := c.List(dir)
		if err != nil || len(entries) != 1 || entries[0].Name != "file" || entries[0].Size != int64(len(data)) {
			return fmt.Errorf("list: %+v, %w; want one file of %d bytes", entries, err, len(data))
		}
	}
	if err := c.Delete(name); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	if err := c.Rmdir(dir); err != nil {
		return fmt.Errorf("rmdir: %w", err)
	}
	return c.Quit()
}

// testOneName lets sessions replace and read one file at once: a reader
// sees one of the contents whole.
func testOneName(t *testing.T, target Target) {
	const writers, rounds = 5, 10
	s := serve(t, target, setup{})
	var valid [writers][]byte
	for i := range valid {
		valid[i] = content(byte(i), 100<<10+i)
	}
	s.StoreFile("/file", valid[0], noTime())
	isValid := func(b []byte) bool {
		for _, v := range valid {
			if bytes.Equal(b, v) {
				return true
			}
		}
		return false
	}
	work := func(do func(c Client) error) func() {
		c := s.login()
		return func() {
			for range rounds {
				if err := do(c); err != nil {
					t.Error(err)
					return
				}
			}
		}
	}
	var all []func()
	for i := range valid {
		all = append(all,
			work(func(c Client) error { return put(c, "/file", valid[i], CreateOptions{}) }),
			work(func(c Client) error {
				got, err := get(c, "/file", 0)
				if err == nil && !isValid(got) {
					err = fmt.Errorf("download: %d bytes that are no whole upload", len(got))
				}
				return err
			}))
	}
	var wg sync.WaitGroup
	for _, f := range all {
		wg.Go(f)
	}
	wg.Wait()
}
