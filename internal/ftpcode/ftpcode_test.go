package ftpcode

import (
	"testing"

	"github.com/tidegate/tidegate/vfs"
)

func TestEveryKindHasACode(t *testing.T) {
	t.Parallel()
	for _, kind := range vfs.Kinds() {
		row, ok := table()[kind]
		if !ok || row.code < 400 || row.create < 400 {
			t.Errorf("%v has no row, or one that is no error: %+v", kind, row)
		}
	}
	if len(table()) != len(vfs.Kinds()) {
		t.Errorf("%d rows for %d kinds", len(table()), len(vfs.Kinds()))
	}
}
