package hostmemory

import (
	"io/fs"
	"math"
	"os"
	"path"
	"strconv"
	"strings"
)

// Limit is how much memory the process may have.
type Limit struct {
	// Bytes is 0 when the limit is unknown.
	Bytes int64
	// Source is where the limit comes from: "memory.max of the cgroup".
	Source string
}

// Detect returns the lowest limit that applies to the process.
func Detect() Limit { return detect(os.DirFS("/")) }

func detect(root fs.FS) Limit {
	limit := Limit{hostTotal(root), "the host's memory"}
	unified, memory := groups(root)
	for _, hierarchy := range []struct {
		mount, group, file, source string
	}{
		// memory.high slows a process down long before memory.max ends it.
		{"sys/fs/cgroup", unified, "memory.max", "memory.max of the cgroup"},
		{"sys/fs/cgroup", unified, "memory.high", "memory.high of the cgroup"},
		{"sys/fs/cgroup/unified", unified, "memory.max", "memory.max of the cgroup"},
		{"sys/fs/cgroup/unified", unified, "memory.high", "memory.high of the cgroup"},
		{"sys/fs/cgroup/memory", memory, "memory.limit_in_bytes", "memory.limit_in_bytes of the cgroup"},
	} {
		bytes := lowest(root, hierarchy.mount, hierarchy.group, hierarchy.file)
		if bytes > 0 && (limit.Bytes == 0 || bytes < limit.Bytes) {
			limit = Limit{bytes, hierarchy.source}
		}
	}
	if limit.Bytes == 0 {
		return Limit{}
	}
	return limit
}

// groups returns the paths of the process's control groups, in the hierarchy of version
// 2 and in that of version 1 for memory; see cgroups(7). They are "/" when they are
// unknown.
func groups(root fs.FS) (unified, memory string) {
	unified, memory = "/", "/"
	text, _ := fs.ReadFile(root, "proc/self/cgroup")
	for line := range strings.Lines(string(text)) {
		// hierarchy-ID:controller-list:cgroup-path
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		if parts[0] == "0" && parts[1] == "" {
			unified = parts[2]
		}
		for controller := range strings.SplitSeq(parts[1], ",") {
			if controller == "memory" {
				memory = parts[2]
			}
		}
	}
	return unified, memory
}

// lowest returns the lowest limit of a group and its parents, 0 for none. In a container
// the path of the group may be a path of the host that is not mounted: then the root of the
// mount is the container's group.
func lowest(root fs.FS, mount, group, file string) int64 {
	var least int64
	for at := path.Clean("/" + group); ; at = path.Dir(at) {
		if bytes := limitIn(root, path.Join(mount, at, file)); bytes > 0 && (least == 0 || bytes < least) {
			least = bytes
		}
		if at == "/" {
			return least
		}
	}
}

// limitIn reads one limit, 0 for none.
func limitIn(root fs.FS, file string) int64 {
	text, err := fs.ReadFile(root, file)
	if err != nil {
		return 0
	}
	bytes, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	// Version 2 writes "max" for none, version 1 the largest number of whole pages.
	if err != nil || bytes > math.MaxInt64/2 {
		return 0
	}
	return bytes
}

// hostTotal returns MemTotal of /proc/meminfo, 0 when it is unknown.
func hostTotal(root fs.FS) int64 {
	text, _ := fs.ReadFile(root, "proc/meminfo")
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) == 3 && fields[0] == "MemTotal:" && fields[2] == "kB" {
			kib, err := strconv.ParseInt(fields[1], 10, 53)
			if err == nil {
				return kib << 10
			}
		}
	}
	return 0
}
