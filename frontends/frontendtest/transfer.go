package frontendtest

import (
	"fmt"
	"io"
	"testing"
)

func transferTests() []suiteTest {
	return []suiteTest{
		{"transfer/sizes", testSizes},
		{"transfer/many in one session", testMany},
		{"transfer/parents", testPutParents},
		{"transfer/leave a download", testLeaveDownload},
		{"transfer/vanish in a download", testVanishInDownload},
		{"replace/atomic", testReplaceAtomic},
		{"replace/last commit wins", testLastCommitWins},
		{"replace/empty", testReplaceEmpty},
	}
}

func sizes(target Target) []int {
	all := []int{0, 1, 32 << 10, 1<<20 + 1}
	if !target.Small {
		all = append(all, 9<<20)
	}
	return all
}

func testSizes(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	c := s.login()
	for i, size := range sizes(target) {
		name, want := fmt.Sprintf("/file %d", size), content(byte(i), size)
		s.put(c, name, want)
		s.WantStored(name, want)
		s.wantGet(c, name, want)
		e, err := c.Stat(name)
		if err != nil || e.Size != int64(size) || e.Dir {
			t.Errorf("stat %s: %+v, %v; want a file of %d bytes", name, e, err, size)
		}
	}
}

// testMany proves that transfers of one session do not get into each other.
func testMany(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	c := s.login()
	var names []string
	for i := range 30 {
		name := fmt.Sprintf("f%d", i)
		names = append(names, name)
		s.put(c, "/"+name, content(byte(i), 100*i))
		s.wantGet(c, "/"+name, content(byte(i), 100*i))
	}
	s.wantNames(c, "/", names...)
}

func testPutParents(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	c := s.login()
	want := content(1, 10)
	s.put(c, "/new/sub/file", want)
	s.wantGet(c, "/new/sub/file", want)
	s.wantNames(c, "/new", "sub")
}

// testLeaveDownload proves that after a client has ended a download early, the server
// closes the reader of the store and the session continues.
func testLeaveDownload(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	big := content(1, 8<<20)
	s.StoreFile("/big", big, noTime())
	c := s.login()
	d, err := c.Open("/big", 0)
	s.ok(err, "download")
	_, err = io.ReadFull(d, make([]byte, 1000))
	s.ok(err, "the first bytes")
	s.ok(d.Close(), "leave the download")
	s.store.awaitReaders(t, 1)
	s.wantGet(c, "/big", big)
}

func testVanishInDownload(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	s.StoreFile("/big", content(1, 8<<20), noTime())
	c := s.login()
	d, err := c.Open("/big", 0)
	s.ok(err, "download")
	_, err = io.ReadFull(d, make([]byte, 1000))
	s.ok(err, "the first bytes")
	c.Close()
	s.store.awaitReaders(t, 1)
}

// testReplaceAtomic proves that every reader sees the old file whole until the
// new one is whole, and the new one from then on.
func testReplaceAtomic(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	before, after := content(1, 3<<20), content(2, 2<<20)
	s.StoreFile("/file", before, noTime())
	reader, writer, other := s.login(), s.login(), s.login()

	d, err := reader.Open("/file", 0)
	s.ok(err, "download of the old file")
	first := make([]byte, 1000)
	_, err = io.ReadFull(d, first)
	s.ok(err, "the first bytes of the old file")

	u, err := writer.Create("/file", CreateOptions{})
	s.ok(err, "upload of the new file")
	_, err = u.Write(after[:1<<20])
	s.ok(err, "the first bytes of the new file")
	s.wantGet(other, "/file", before)
	e, err := other.Stat("/file")
	if err != nil || e.Size != int64(len(before)) {
		t.Errorf("stat while the new file is sent: %+v, %v; want %d bytes", e, err, len(before))
	}
	s.wantNames(other, "/", "file")
	_, err = u.Write(after[1<<20:])
	s.ok(err, "the rest of the new file")
	s.ok(u.Finish(), "the end of the new file")
	s.wantGet(other, "/file", after)

	// A download that runs continues with the old file or is refused; the end of
	// the file must not come before it.
	rest, err := io.ReadAll(d)
	if err == nil {
		s.wantSame(append(first, rest...), before, "download that the new file overtook")
	} else if !isRefusal(err) {
		t.Errorf("download that the new file overtook: %v, want a refusal", err)
	}
}

func testLastCommitWins(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	one, two := s.login(), s.login()
	dataOne, dataTwo := content(1, 2<<20), content(2, 1<<20)
	u1, err := one.Create("/file", CreateOptions{})
	s.ok(err, "first upload")
	u2, err := two.Create("/file", CreateOptions{})
	s.ok(err, "second upload")
	_, err = u1.Write(dataOne[:1<<20])
	s.ok(err, "first upload")
	_, err = u2.Write(dataTwo)
	s.ok(err, "second upload")
	s.ok(u2.Finish(), "the end of the second upload")
	s.wantGet(two, "/file", dataTwo)
	_, err = u1.Write(dataOne[1<<20:])
	s.ok(err, "first upload")
	s.ok(u1.Finish(), "the end of the first upload")
	s.wantGet(two, "/file", dataOne)
	s.WantStoredNames("/", "file")
}

func testReplaceEmpty(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	s.StoreFile("/file", content(1, 1000), noTime())
	c := s.login()
	s.put(c, "/file", nil)
	s.WantStored("/file", []byte{})
	s.put(c, "/file", content(2, 5))
	s.WantStored("/file", content(2, 5))
}
