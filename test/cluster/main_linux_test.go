package cluster

import (
	"os"
	"testing"

	"github.com/tidegate/tidegate/test/program"
)

func TestMain(m *testing.M) { os.Exit(program.Main(m)) }
