package azauth

import "testing"

func TestAccountName(t *testing.T) {
	for _, test := range []struct{ auth, account, endpoint, service, want string }{
		{"a", "b", "https://c.blob.core.windows.net", "blob", "a"},
		{"", "b", "https://c.blob.core.windows.net", "blob", "b"},
		{"", "", "https://c.blob.core.windows.net", "blob", "c"},
		{"", "", "https://c.queue.core.windows.net/", "queue", "c"},
		{"", "", "http://127.0.0.1:10001/devstoreaccount1/", "queue", "devstoreaccount1"},
		{"", "", "https://files.contoso.example", "blob", ""},
		{"", "", "https://queue.contoso.example", "queue", ""},
		{"", "", "", "blob", ""},
	} {
		a := &Auth{Account: test.auth}
		if got := a.AccountName(test.account, test.endpoint, test.service); got != test.want {
			t.Errorf("%+v: %q", test, got)
		}
	}
}
