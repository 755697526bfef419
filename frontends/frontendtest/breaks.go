package frontendtest

import "testing"

func breakTests() []suiteTest {
	return []suiteTest{
		{"break/replace", func(t *testing.T, target Target) { eachBreak(t, target, breakReplace) }},
		{"break/new", func(t *testing.T, target Target) { eachBreak(t, target, breakNew) }},
		{"break/append", func(t *testing.T, target Target) { eachBreak(t, target, breakAppend) }},
	}
}

// eachBreak runs test with each way to break off and with each amount that was
// sent before.
func eachBreak(t *testing.T, target Target, test func(s *Server, b Break, sent []byte)) {
	if len(target.Breaks) == 0 {
		t.Fatal("the target has no way to break an upload off")
	}
	amounts := []struct {
		name string
		size int
	}{{"nothing sent", 0}, {"one byte", 1}, {"3 MiB", 3 << 20}}
	for _, b := range target.Breaks {
		for _, amount := range amounts {
			t.Run(b.Name+"/"+amount.name, func(t *testing.T) {
				test(serve(t, target, setup{}), b, content(9, amount.size))
			})
		}
	}
}

// breakOff begins an upload, breaks it off and waits until the server has
// given it up. It ends the test when the server has committed it.
func (s *Server) breakOff(c Client, name string, o CreateOptions, sent []byte, b Break) {
	s.Helper()
	u, err := c.Create(name, o)
	s.ok(err, "upload of "+name)
	_, err = u.Write(sent)
	s.ok(err, "upload of "+name)
	s.ok(b.Do(u), "break "+b.Name)
	if commits := s.store.awaitWriters(s.T, 1); commits != 0 {
		s.Fatalf("an upload that ended with %s was committed", b.Name)
	}
}

// wantAlive checks that the session still works, unless the break ends it.
func (s *Server) wantAlive(c Client, b Break) {
	s.Helper()
	if b.EndsSession {
		return
	}
	s.put(c, "/later", content(8, 1000))
	s.wantGet(c, "/later", content(8, 1000))
	s.ok(c.Delete("/later"), "delete")
}

func breakReplace(s *Server, b Break, sent []byte) {
	old := content(1, 5000)
	s.StoreFile("/file", old, noTime())
	c := s.login()
	s.breakOff(c, "/file", CreateOptions{}, sent, b)
	s.wantAlive(c, b)
	s.WantStored("/file", old)
	s.WantStoredNames("/", "file")
	other := s.login()
	s.wantGet(other, "/file", old)
	s.wantNames(other, "/", "file")
}

func breakNew(s *Server, b Break, sent []byte) {
	c := s.login()
	s.breakOff(c, "/new", CreateOptions{}, sent, b)
	s.wantAlive(c, b)
	s.WantStoredNames("/")
	other := s.login()
	s.wantNames(other, "/")
	_, err := other.Stat("/new")
	s.wantKind(err, OpStat, notExist)
}

func breakAppend(s *Server, b Break, sent []byte) {
	if !s.store.Caps().Append {
		return // refused before it begins: resume/append proves it
	}
	old := content(1, 5000)
	s.StoreFile("/file", old, noTime())
	c := s.login()
	s.breakOff(c, "/file", CreateOptions{Append: true}, sent, b)
	s.wantAlive(c, b)
	s.WantStored("/file", old)
	s.WantStoredNames("/", "file")
}
