package cluster

import "testing"

// TestLedger proves that the ledger finds what it is for.
func TestLedger(t *testing.T) {
	const path = "dir/file"
	first, second := contentOf([]byte("first")), contentOf([]byte("second"))
	receipt, lost := outcome{code: 226, begun: true}, outcome{begun: true}
	type upload struct {
		c content
		o outcome
	}
	tests := []struct {
		name    string
		uploads []upload
		pending *content
		holds   content
		ok      bool
	}{
		{"receipt", []upload{{first, receipt}}, nil, first, true},
		{"receipt without the file", []upload{{first, receipt}}, nil, absent, false},
		{"partial file", []upload{{first, receipt}}, nil, contentOf([]byte("fir")), false},
		{"lost, nothing stored", []upload{{first, lost}}, nil, absent, true},
		{"lost, stored whole", []upload{{first, lost}}, nil, first, true},
		{"lost, stored in part", []upload{{first, lost}}, nil, contentOf([]byte("fir")), false},
		{"lost, old content", []upload{{first, receipt}, {second, lost}}, nil, first, true},
		{"lost, new content", []upload{{first, receipt}, {second, lost}}, nil, second, true},
		{"lost, old content gone", []upload{{first, receipt}, {second, lost}}, nil, absent, false},
		{"replaced", []upload{{first, receipt}, {second, receipt}}, nil, second, true},
		{"old content after a receipt", []upload{{first, receipt}, {second, receipt}}, nil, first, false},
		{"late commit of a lost upload", []upload{{first, lost}, {second, receipt}}, nil, first, false},
		{"under way, old content", []upload{{first, receipt}}, &second, first, true},
		{"under way, new content", []upload{{first, receipt}}, &second, second, true},
		{"under way, partial content", []upload{{first, receipt}}, &second, contentOf([]byte("sec")), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := newLedger()
			for _, u := range test.uploads {
				l.begin(path, u.c)
				l.end(path, "test", 0, u.o)
			}
			if test.pending != nil {
				l.begin(path, *test.pending)
			}
			err := l.audit(path, func(string) (content, error) { return test.holds, nil })
			if (err == nil) != test.ok {
				t.Errorf("audit: %v", err)
			}
		})
	}

	t.Run("uploaded while it was read", func(t *testing.T) {
		l := newLedger()
		l.begin(path, first)
		l.end(path, "test", 0, receipt)
		err := l.audit(path, func(string) (content, error) {
			l.begin(path, second)
			l.end(path, "test", 0, receipt)
			l.begin(path, contentOf([]byte("third")))
			l.end(path, "test", 0, receipt)
			return second, nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	t.Run("uploaded by nobody", func(t *testing.T) {
		if err := newLedger().audit(path, func(string) (content, error) { return first, nil }); err == nil {
			t.Error("audit finds nothing")
		}
	})
}
