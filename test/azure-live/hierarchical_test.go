package azurelive

import (
	"net/http"
	"strings"
	"testing"
)

func (f *files) mkdir(t *testing.T, name string, lines ...string) answer {
	t.Helper()
	return f.dfs(t, http.MethodPut, name+"?resource=directory", with(nil, lines...))
}

// rename has the source escaped already.
func (f *files) rename(t *testing.T, from, to string, lines ...string) answer {
	t.Helper()
	return f.dfs(t, http.MethodPut, to, with(nil, append(lines, "x-ms-rename-source: /"+f.name+"/"+from)...))
}

// made makes a file by the Data Lake endpoint.
func (f *files) made(t *testing.T, name string) {
	t.Helper()
	f.dfs(t, http.MethodPut, name+"?resource=file", nil).want(t, http.StatusCreated)
	f.write(t, name+"?action=append&position=0", "x").want(t, http.StatusAccepted)
	f.write(t, name+"?action=flush&position=1", "").want(t, http.StatusOK)
}

// filled makes a file in a directory.
func filled(t *testing.T, f *files, names ...string) *files {
	t.Helper()
	for _, name := range names {
		if dir, ok := strings.CutSuffix(name, "/"); ok {
			f.mkdir(t, dir).want(t, http.StatusCreated)
		} else {
			f.put(t, name, "x").want(t, http.StatusCreated)
		}
	}
	return f
}

// hierarchicalQuestions are those for accounts with a hierarchical namespace.
func hierarchicalQuestions() []question {
	ask := func(name, want string, ask func(*testing.T, *files) string) question {
		return question{name, ask, want, ""}
	}
	const only = "If-None-Match: *"
	return append([]question{
		ask("List Blobs with include=permissions", "ok", func(t *testing.T, f *files) string {
			return f.blob(t, http.MethodGet, "?restype=container&comp=list&include=permissions", nil, "").String()
		}),
		ask("properties of the filesystem", "true", func(t *testing.T, f *files) string {
			return f.dfs(t, http.MethodHead, "?resource=filesystem", nil).header.Get("x-ms-namespace-enabled")
		}),
		ask("the order of names", "a a/x a-b", order),
		ask("a directory whose last file is deleted", "d", func(t *testing.T, f *files) string {
			filled(t, f, "d/f").blob(t, http.MethodDelete, "d/f", nil, "").want(t, http.StatusAccepted)
			return f.list(t, "")
		}),
		ask("empty segments", "a a/b", func(t *testing.T, f *files) string { return filled(t, f, "a//b").list(t, "") }),
		ask("61 segments", "ok", func(t *testing.T, f *files) string { return f.put(t, strings.Repeat("d/", 60)+"f", "x").String() }),
		ask("62 segments", "400 PathIsTooDeep", func(t *testing.T, f *files) string { return f.put(t, strings.Repeat("d/", 61)+"f", "x").String() }),
		ask("the directory of a name that has nothing but blocks", "", func(t *testing.T, f *files) string {
			f.stage(t, "d/f", "1").want(t, http.StatusCreated)
			return f.list(t, "")
		}),
		ask("headers of a file", "$superuser or an object id, rw-r-----, file, with ACL", func(t *testing.T, f *files) string {
			h := filled(t, f, "f").head(t, "f")
			owner, acl := "no owner", "without ACL"
			if h.Get("x-ms-owner") != "" && h.Get("x-ms-group") != "" {
				owner = "$superuser or an object id"
			}
			if strings.HasPrefix(h.Get("x-ms-acl"), "user::rw-") {
				acl = "with ACL"
			}
			return strings.Join([]string{owner, h.Get("x-ms-permissions"), h.Get("x-ms-resource-type"), acl}, ", ")
		}),
		ask("headers of a directory", "directory, hdi_isfolder true, 0 bytes", func(t *testing.T, f *files) string {
			h := filled(t, f, "d/").head(t, "d")
			return h.Get("x-ms-resource-type") + ", hdi_isfolder " + h.Get("x-ms-meta-hdi_isfolder") + ", " + h.Get("Content-Length") + " bytes"
		}),
		ask("the ETag of a directory after a new file", "stays", func(t *testing.T, f *files) string {
			before := filled(t, f, "d/").head(t, "d").Get("ETag")
			return changed(before, filled(t, f, "d/f").head(t, "d").Get("ETag"))
		}),
		ask("Put Blob over a directory", "400 OperationNotSupportedOnDirectory", func(t *testing.T, f *files) string {
			return filled(t, f, "d/").put(t, "d", "x").String()
		}),
		ask("Put Blob over a directory, If-None-Match: *", "409 BlobAlreadyExists", func(t *testing.T, f *files) string {
			return filled(t, f, "d/").put(t, "d", "x", only).String()
		}),
		ask("Put Block over a directory", "400 OperationNotSupportedOnDirectory", func(t *testing.T, f *files) string {
			return filled(t, f, "d/").stage(t, "d", "1").String()
		}),
		ask("Put Blob below a file", "409 PathConflict", func(t *testing.T, f *files) string { return filled(t, f, "f").put(t, "f/g", "x").String() }),
		ask("Put Blob with the metadata hdi_isfolder", "400 InvalidMetadata", func(t *testing.T, f *files) string {
			return f.put(t, "d", "", "x-ms-meta-hdi_isfolder: true").String()
		}),
		ask("Set Blob Metadata of a directory", "400 OperationNotSupportedOnDirectory", func(t *testing.T, f *files) string {
			return filled(t, f, "d/").blob(t, http.MethodPut, "d?comp=metadata", with(nil, "x-ms-meta-a: b"), "").String()
		}),
		ask("Delete Blob of a directory with content", "409 DirectoryIsNotEmpty", func(t *testing.T, f *files) string {
			return filled(t, f, "d/f").blob(t, http.MethodDelete, "d", nil, "").String()
		}),
		ask("Delete Blob of a directory with x-ms-delete-snapshots", "400 OperationNotSupportedOnDirectory", func(t *testing.T, f *files) string {
			return filled(t, f, "d/").blob(t, http.MethodDelete, "d", with(nil, "x-ms-delete-snapshots: include"), "").String()
		}),
		ask("Delete Blob of an empty directory", "ok", func(t *testing.T, f *files) string {
			return filled(t, f, "d/").blob(t, http.MethodDelete, "d", nil, "").String()
		}),
		ask("Snapshot Blob", "409 FeatureNotYetSupportedForHierarchicalNamespaceAccounts", func(t *testing.T, f *files) string {
			return filled(t, f, "f").blob(t, http.MethodPut, "f?comp=snapshot", nil, "").String()
		}),
		ask("Put Blob with x-ms-tags", "409 FeatureNotYetSupportedForHierarchicalNamespaceAccounts", func(t *testing.T, f *files) string {
			return f.put(t, "f", "x", "x-ms-tags: k=v").String()
		}),
		ask("Get Blob Tags", "400 InvalidQueryParameterValue", func(t *testing.T, f *files) string {
			return filled(t, f, "f").blob(t, http.MethodGet, "f?comp=tags", nil, "").String()
		}),
	}, append(renameQuestions(ask), originQuestions(ask)...)...)
}

// renameQuestions are about the Data Lake endpoint's operations on directories.
func renameQuestions(ask func(name, want string, ask func(*testing.T, *files) string) question) []question {
	const only = "If-None-Match: *"
	return []question{
		ask("the ETag of a file after a rename", "stays", func(t *testing.T, f *files) string {
			before := filled(t, f, "f").head(t, "f").Get("ETag")
			f.rename(t, "f", "g").want(t, http.StatusCreated)
			return changed(before, f.head(t, "g").Get("ETag"))
		}),
		ask("the ETag of a directory after a rename", "stays", func(t *testing.T, f *files) string {
			before := filled(t, f, "d/f").head(t, "d").Get("ETag")
			f.rename(t, "d", "e").want(t, http.StatusCreated)
			return changed(before, f.head(t, "e").Get("ETag"))
		}),
		ask("headers of the answer to a rename", "ETag false, Last-Modified false", func(t *testing.T, f *files) string {
			h := filled(t, f, "f").rename(t, "f", "g").header
			return "ETag " + is(h.Get("ETag") != "") + ", Last-Modified " + is(h.Get("Last-Modified") != "")
		}),
		ask("a file renamed over a file, If-None-Match: *", "409 PathAlreadyExists", func(t *testing.T, f *files) string {
			return filled(t, f, "f", "g").rename(t, "f", "g", only).String()
		}),
		ask("a file renamed over a directory", "409 InvalidSourceOrDestinationResourceType", func(t *testing.T, f *files) string {
			return filled(t, f, "f", "d/").rename(t, "f", "d").String()
		}),
		ask("a directory renamed over a file", "409 InvalidSourceOrDestinationResourceType", func(t *testing.T, f *files) string {
			return filled(t, f, "f", "d/").rename(t, "d", "f").String()
		}),
		ask("a file renamed to itself", "409 InvalidRenameSourcePath", func(t *testing.T, f *files) string { return filled(t, f, "f").rename(t, "f", "f").String() }),
		ask("a directory renamed into itself", "409 InvalidRenameSourcePath", func(t *testing.T, f *files) string {
			return filled(t, f, "d/").rename(t, "d", "d/d").String()
		}),
		ask("a rename into a directory that is not there", "404 RenameDestinationParentPathNotFound", func(t *testing.T, f *files) string {
			return filled(t, f, "f").rename(t, "f", "d/f").String()
		}),
		ask("a rename below a file", "409 InvalidDestinationPath", func(t *testing.T, f *files) string {
			return filled(t, f, "f", "g").rename(t, "f", "g/f").String()
		}),
		ask("a rename of what is not there", "404 SourcePathNotFound", func(t *testing.T, f *files) string { return f.rename(t, "f", "g").String() }),
		ask("a directory renamed to an empty directory", "e e/d e/d/f", func(t *testing.T, f *files) string {
			filled(t, f, "d/f", "e/").rename(t, "d", "e").want(t, http.StatusCreated)
			return f.list(t, "")
		}),
		ask("a directory renamed to an empty directory, If-None-Match: *", "409 PathAlreadyExists", func(t *testing.T, f *files) string {
			return filled(t, f, "d/f", "e/").rename(t, "d", "e", only).String()
		}),
		ask("a directory renamed to an empty directory, mode=legacy", "e e/f", func(t *testing.T, f *files) string {
			filled(t, f, "d/f", "e/").rename(t, "d", "e?mode=legacy").want(t, http.StatusCreated)
			return f.list(t, "")
		}),
		ask("a directory renamed to a full directory, mode=legacy", "409 DirectoryNotEmpty", func(t *testing.T, f *files) string {
			return filled(t, f, "d/f", "e/g").rename(t, "d", "e?mode=legacy").String()
		}),
		ask("a rename of a name with a space and a plus", "c+d e", func(t *testing.T, f *files) string {
			filled(t, f, "a b+c").rename(t, "a%20b+c", "c+d e").want(t, http.StatusCreated)
			return f.list(t, "")
		}),
		ask("the directory of a directory", "ok", func(t *testing.T, f *files) string { return f.mkdir(t, "d/e", only).String() }),
		ask("a directory over a directory, If-None-Match: *", "409 PathAlreadyExists", func(t *testing.T, f *files) string {
			return filled(t, f, "d/").mkdir(t, "d", only).String()
		}),
		ask("a directory over a directory", "d d/f", func(t *testing.T, f *files) string {
			filled(t, f, "d/f").mkdir(t, "d").want(t, http.StatusCreated)
			return f.list(t, "")
		}),
		ask("a directory over a file", "409 PathConflict", func(t *testing.T, f *files) string { return filled(t, f, "f").mkdir(t, "f").String() }),
		ask("removal of a directory with content", "409 DirectoryNotEmpty", func(t *testing.T, f *files) string {
			return filled(t, f, "d/f").dfs(t, http.MethodDelete, "d?recursive=false", nil).String()
		}),
		ask("removal of a directory and its content", "", func(t *testing.T, f *files) string {
			filled(t, f, "d/f", "d/e/").dfs(t, http.MethodDelete, "d?recursive=true&paginated=true", nil).want(t, http.StatusOK)
			return f.list(t, "")
		}),
	}
}

func is(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// originQuestions are about files that the Data Lake endpoint has made, as SFTP and NFS do,
// and about their ACL.
func originQuestions(ask func(name, want string, ask func(*testing.T, *files) string) question) []question {
	of := func(t *testing.T, f *files, name string) string {
		t.Helper()
		return f.dfs(t, http.MethodHead, name+"?action=getAccessControl", nil).header.Get("x-ms-permissions")
	}
	return []question{
		ask("Put Block over a file of the Data Lake endpoint", "409 BlobOperationNotSupported", func(t *testing.T, f *files) string {
			f.made(t, "f")
			return f.stage(t, "f", "1").String()
		}),
		ask("Put Blob over a file of the Data Lake endpoint", "ok", func(t *testing.T, f *files) string {
			f.made(t, "f")
			return f.put(t, "f", "y").String()
		}),
		ask("Put Block after Put Blob over a file of the Data Lake endpoint", "ok", func(t *testing.T, f *files) string {
			f.made(t, "f")
			f.put(t, "f", "y").want(t, http.StatusCreated)
			return f.stage(t, "f", "1").String()
		}),
		ask("Copy Blob over a file of the Data Lake endpoint", "ok", func(t *testing.T, f *files) string {
			f.made(t, "f")
			return filled(t, f, "g").copy(t, "g", "f").String()
		}),
		ask("blocks of a file of the Data Lake endpoint", "0", func(t *testing.T, f *files) string {
			f.made(t, "f")
			a := f.blob(t, http.MethodGet, "f?comp=blocklist", nil, "")
			a.want(t, http.StatusOK)
			return strings.Repeat("1", strings.Count(a.body, "<Block>")) + "0"
		}),
		ask("a flush to a file of the Blob endpoint", "409 InvalidFlushOperation", func(t *testing.T, f *files) string {
			return filled(t, f, "f").write(t, "f?action=flush&position=1", "").String()
		}),
		ask("the ETag after setAccessControl", "stays", func(t *testing.T, f *files) string {
			before := filled(t, f, "f").head(t, "f").Get("ETag")
			f.dfs(t, http.MethodPatch, "f?action=setAccessControl", with(nil, "x-ms-permissions: rwxrwx---")).want(t, http.StatusOK)
			return changed(before, f.head(t, "f").Get("ETag"))
		}),
		ask("permissions after Put Blob over a file", "rwxrwx--- becomes rw-r-----", func(t *testing.T, f *files) string {
			filled(t, f, "f").dfs(t, http.MethodPatch, "f?action=setAccessControl", with(nil, "x-ms-permissions: rwxrwx---")).want(t, http.StatusOK)
			before := of(t, f, "f")
			return before + " becomes " + of(t, filled(t, f, "f"), "f")
		}),
		ask("permissions after Put Block List over a file", "rwxrwx--- becomes rw-r-----", func(t *testing.T, f *files) string {
			filled(t, f, "f").dfs(t, http.MethodPatch, "f?action=setAccessControl", with(nil, "x-ms-permissions: rwxrwx---")).want(t, http.StatusOK)
			before := of(t, f, "f")
			f.stage(t, "f", "1").want(t, http.StatusCreated)
			f.commit(t, "f", "1").want(t, http.StatusCreated)
			return before + " becomes " + of(t, f, "f")
		}),
		ask("permissions after a rename", "rwxrwx---", func(t *testing.T, f *files) string {
			filled(t, f, "f").dfs(t, http.MethodPatch, "f?action=setAccessControl", with(nil, "x-ms-permissions: rwxrwx---")).want(t, http.StatusOK)
			f.rename(t, "f", "g").want(t, http.StatusCreated)
			return of(t, f, "g")
		}),
	}
}
