package ledger_test

import (
	"testing"

	"github.com/tidegate/tidegate/internal/testing/ledger"
)

const path = "dir/file"

// end is an upload from its beginning to its end.
func end(l *ledger.Ledger, c ledger.Content, receipt bool) {
	l.Begin(path, c, true)
	if receipt {
		l.Acknowledge(path, c)
	} else {
		l.Leave(path, c)
	}
}

// TestLedger proves that the ledger finds what it is for.
func TestLedger(t *testing.T) {
	first, second := ledger.Of([]byte("first")), ledger.Of([]byte("second"))
	const receipt, lost = true, false
	type upload struct {
		c       ledger.Content
		receipt bool
	}
	tests := []struct {
		name    string
		uploads []upload
		pending *ledger.Content
		holds   ledger.Content
		ok      bool
	}{
		{"receipt", []upload{{first, receipt}}, nil, first, true},
		{"receipt without the file", []upload{{first, receipt}}, nil, ledger.Content{}, false},
		{"partial file", []upload{{first, receipt}}, nil, ledger.Of([]byte("fir")), false},
		{"lost, nothing stored", []upload{{first, lost}}, nil, ledger.Content{}, true},
		{"lost, stored whole", []upload{{first, lost}}, nil, first, true},
		{"lost, stored in part", []upload{{first, lost}}, nil, ledger.Of([]byte("fir")), false},
		{"lost, old content", []upload{{first, receipt}, {second, lost}}, nil, first, true},
		{"lost, new content", []upload{{first, receipt}, {second, lost}}, nil, second, true},
		{"lost, old content gone", []upload{{first, receipt}, {second, lost}}, nil, ledger.Content{}, false},
		{"replaced", []upload{{first, receipt}, {second, receipt}}, nil, second, true},
		{"old content after a receipt", []upload{{first, receipt}, {second, receipt}}, nil, first, false},
		{"late commit of a lost upload", []upload{{first, lost}, {second, receipt}}, nil, first, false},
		{"under way, old content", []upload{{first, receipt}}, &second, first, true},
		{"under way, new content", []upload{{first, receipt}}, &second, second, true},
		{"under way, partial content", []upload{{first, receipt}}, &second, ledger.Of([]byte("sec")), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := ledger.New()
			for _, u := range test.uploads {
				end(l, u.c, u.receipt)
			}
			if test.pending != nil {
				l.Begin(path, *test.pending, true)
			}
			err := l.Audit(path, func() (ledger.Content, error) { return test.holds, nil })
			if (err == nil) != test.ok {
				t.Errorf("audit: %v", err)
			}
		})
	}

	t.Run("uploaded while it was read", func(t *testing.T) {
		l := ledger.New()
		end(l, first, receipt)
		err := l.Audit(path, func() (ledger.Content, error) {
			end(l, second, receipt)
			end(l, ledger.Of([]byte("third")), receipt)
			return second, nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	t.Run("uploaded by nobody", func(t *testing.T) {
		if err := ledger.New().Audit(path, func() (ledger.Content, error) { return first, nil }); err == nil {
			t.Error("audit finds nothing")
		}
	})
	t.Run("not seen", func(t *testing.T) {
		if err := ledger.New().Audit(path, func() (ledger.Content, error) { return first, ledger.ErrUnseen }); err != nil {
			t.Error(err)
		}
	})
	t.Run("what must not be committed", func(t *testing.T) {
		l := ledger.New()
		l.Begin(path, first, false)
		if err := l.Audit(path, func() (ledger.Content, error) { return first, nil }); err == nil {
			t.Error("audit finds nothing")
		}
	})
}
