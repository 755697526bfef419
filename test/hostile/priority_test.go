package hostile

import (
	"os"
	"os/exec"
	"syscall"
)

// prioritized is set in the environment of a program that runs with a higher priority.
const prioritized = "TIDEGATE_TEST_PRIORITIZED"

// prioritize runs this program again with a higher priority, where that is allowed. If other
// programs use the machine, the attacked gateway gets less of the processors than the other
// gateway, whatever it does, and the test would measure those programs.
func prioritize() {
	nice, err := exec.LookPath("nice")
	if err != nil || os.Getuid() != 0 || isPrioritized() {
		return
	}
	// Where this fails, the test goes on as it is.
	_ = syscall.Exec(nice, append([]string{nice, "-n", "-10", os.Args[0]}, os.Args[1:]...), append(os.Environ(), prioritized+"=1"))
}

func isPrioritized() bool { return os.Getenv(prioritized) != "" }
