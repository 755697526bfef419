package hostmemory

import (
	"testing"
	"testing/fstest"
)

const meminfo = "MemTotal:       2097152 kB\nMemFree:         1000000 kB\nHugePages_Total:       0\n"

func TestDetect(t *testing.T) {
	for name, test := range map[string]struct {
		files map[string]string
		want  Limit
	}{
		"nothing is known": {nil, Limit{}},
		"host":             {map[string]string{"proc/meminfo": meminfo}, Limit{2 << 30, "the host's memory"}},
		"meminfo is odd":   {map[string]string{"proc/meminfo": "MemTotal: many kB\nMemTotal 1\n"}, Limit{}},
		"container, version 2": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "536870912\n", "sys/fs/cgroup/memory.high": "max\n",
		}, Limit{512 << 20, "memory.max of the cgroup"}},
		"no limit, version 2": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "max\n",
		}, Limit{2 << 30, "the host's memory"}},
		"service, version 2: a parent has less": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/system.slice/tidegate.service\n",
			"sys/fs/cgroup/system.slice/tidegate.service/memory.max": "1073741824\n",
			"sys/fs/cgroup/system.slice/memory.max":                  "268435456\n",
		}, Limit{256 << 20, "memory.max of the cgroup"}},
		"service, version 2: MemoryHigh": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/system.slice/tidegate.service\n",
			"sys/fs/cgroup/system.slice/tidegate.service/memory.max":  "1073741824\n",
			"sys/fs/cgroup/system.slice/tidegate.service/memory.high": "805306368\n",
		}, Limit{768 << 20, "memory.high of the cgroup"}},
		"container, version 1: its path is the host's": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "4:cpu,cpuacct:/docker/1\n3:memory:/docker/1\n0::/\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "134217728\n",
		}, Limit{128 << 20, "memory.limit_in_bytes of the cgroup"}},
		"no limit, version 1": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "3:memory:/a\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n", "sys/fs/cgroup/memory/a/memory.limit_in_bytes": "9223372036854771712\n",
		}, Limit{2 << 30, "the host's memory"}},
		"more than the host has": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "99999999999\n",
		}, Limit{2 << 30, "the host's memory"}},
		"not known but for the cgroup": {map[string]string{"sys/fs/cgroup/memory.max": "536870912\n"}, Limit{512 << 20, "memory.max of the cgroup"}},
		"a path that leads out": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/../../x\nbroken\n", "sys/fs/cgroup/memory.max": "536870912",
		}, Limit{512 << 20, "memory.max of the cgroup"}},
	} {
		t.Run(name, func(t *testing.T) {
			root := fstest.MapFS{}
			for file, text := range test.files {
				root[file] = &fstest.MapFile{Data: []byte(text)}
			}
			if got := detect(root); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}
