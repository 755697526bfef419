package azstub_test

import (
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

// client is the SDK's client for an account that asks for no credentials.
func client(t *testing.T, s *azstub.Server) *container.Client {
	t.Helper()
	c, err := container.NewClientWithNoCredential(s.URL()+"/files", clientOptions(t, s))
	wantNoError(t, err)
	return c
}

// TestOrigin writes over files that the Data Lake endpoint has written, and the other way
// round.
func TestOrigin(t *testing.T) {
	t.Parallel()
	s := tree(t, azstub.Options{})
	c := client(t, s)
	at := s.DFSURL() + "/files/d/f"
	write := func(want string, at string) {
		t.Helper()
		exchangeDFS(t, s, "PUT", at+"?resource=file").want(t, "201")
		for _, step := range [][2]string{{"0", "he"}, {"2", "llo"}} {
			r, err := send(t, s, "PATCH", at+"?action=append&position="+step[0], step[1])
			wantNoError(t, err)
			r.want(t, "202")
		}
		exchangeDFS(t, s, "PATCH", at+"?action=flush&position=4").want(t, "400 InvalidFlushPosition")
		exchangeDFS(t, s, "PATCH", at+"?action=flush&position=5&close=true").want(t, want)
	}
	write("200", at)
	wantContent(t, c, "d/f", "hello")
	bb := c.NewBlockBlobClient("d/f")
	if got := blockList(t, bb); got != "committed  uncommitted " && got != "" {
		t.Logf("block list %q", got)
	}
	_, err := bb.StageBlock(t.Context(), id("1"), body([]byte("x")), nil)
	wantCode(t, err, 409, "BlobOperationNotSupported")
	_, err = bb.CommitBlockList(t.Context(), nil, nil)
	wantCode(t, err, 409, "BlobOperationNotSupported")
	put(t, c, "d/f", "blob")
	stage(t, bb, "1", "blocks")
	_, err = bb.CommitBlockList(t.Context(), ids("1"), nil)
	wantNoError(t, err)
	wantContent(t, c, "d/f", "blocks")
	exchangeDFS(t, s, "PATCH", at+"?action=flush&position=6").want(t, "409 InvalidFlushOperation")

	wantNoError(t, s.Place("files", "placed", azstub.Blob{Content: []byte("x"), Origin: azstub.OriginDFS}))
	_, err = c.NewBlockBlobClient("placed").StageBlock(t.Context(), id("1"), body([]byte("x")), nil)
	wantCode(t, err, 409, "BlobOperationNotSupported")
	exchangeDFS(t, s, "PUT", s.DFSURL()+"/files/moved", "x-ms-rename-source: /files/placed").want(t, "201")
	if b, _ := s.Blob("files", "moved"); b.Origin != azstub.OriginDFS {
		t.Error("a rename has changed the origin")
	}
}

// TestAccess sets owner, permissions and ACL; Put Blob resets them to what a new file gets.
func TestAccess(t *testing.T) {
	t.Parallel()
	s := tree(t, azstub.Options{}, "d/f")
	file, dir := s.DFSURL()+"/files/d/f", s.DFSURL()+"/files/d"
	of := func(url string) [4]string {
		t.Helper()
		h := exchangeDFS(t, s, "HEAD", url+"?action=getAccessControl").header
		return [4]string{h.Get("x-ms-owner"), h.Get("x-ms-group"), h.Get("x-ms-permissions"), h.Get("x-ms-acl")}
	}
	set := func(url, want string, headers ...string) {
		t.Helper()
		exchangeDFS(t, s, "PATCH", url+"?action=setAccessControl", headers...).want(t, want)
	}
	before, _ := s.Blob("files", "d/f")
	set(file, "200", "x-ms-owner: me", "x-ms-group: us", "x-ms-permissions: 0755")
	if got, want := of(file), [4]string{"me", "us", "rwxr-xr-x", "user::rwx,group::r-x,other::r-x"}; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if after, _ := s.Blob("files", "d/f"); after.ETag != before.ETag {
		t.Error("an ACL has changed the ETag")
	}
	set(file, "200", "x-ms-acl: user::rw-,user:you:rwx,group::r--,other::---")
	if got, want := of(file), [4]string{"me", "us", "rw-rwx---+", "user::rw-,user:you:rwx,group::r--,other::---,mask::rwx"}; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	set(file, "200", "x-ms-permissions: rw-r-----")
	if got, want := of(file)[3], "user::rw-,user:you:rwx,group::r--,other::---,mask::r--"; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	set(file, "400 InvalidHeaderValue", "x-ms-permissions: rwxrwx")
	set(file, "400 InvalidHeaderValue", "x-ms-acl: user::rwx")
	set(file, "400 InvalidHeaderValue", "x-ms-permissions: 0755", "x-ms-acl: user::rw-,group::r--,other::---")
	set(file, "412 ConditionNotMet", "x-ms-permissions: 0700", `If-Match: "0x1"`)
	set(s.DFSURL()+"/files/none", "404 PathNotFound", "x-ms-permissions: 0700")

	put(t, client(t, s), "d/f", "new")
	if got, want := of(file), [4]string{azstub.Superuser, azstub.Superuser, "rw-r-----", "user::rw-,group::r--,other::---"}; got != want {
		t.Errorf("after Put Blob: got %v, want %v", got, want)
	}
	set(dir, "200", "x-ms-acl: user::rwx,group::r-x,other::---,default:user::rwx,default:user:app:r-x,default:group::r-x,default:mask::r-x,default:other::---")
	put(t, client(t, s), "d/f", "new")
	if got, want := of(file)[3], "user::rwx,user:app:r-x,group::r-x,mask::r-x,other::---"; got != want {
		t.Errorf("inherited %v, want %v", got, want)
	}
	put(t, client(t, s), "d/sub/f", "new")
	if got, want := of(dir + "/sub/f")[3], "user::rwx,user:app:r-x,group::r-x,mask::r-x,other::---"; got != want {
		t.Errorf("inherited from the directory above %v, want %v", got, want)
	}
}

// TestAccessRoles: the roles of a gateway allow renames; not each of them allows ACLs.
func TestAccessRoles(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		deny       []azstub.Kind
		acl, owner string
	}{
		"owner":       {nil, "200", "200"},
		"contributor": {azstub.DataContributor(), "200", "403 AuthorizationPermissionMismatch"},
		"signature":   {azstub.ContainerSAS(), "403 AuthorizationPermissionMismatch", "403 AuthorizationPermissionMismatch"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tree(t, azstub.Options{Deny: tc.deny}, "f")
			rename(t, s, "f", "g").want(t, "201")
			set := s.DFSURL() + "/files/g?action=setAccessControl"
			exchangeDFS(t, s, "PATCH", set, "x-ms-permissions: 0700").want(t, tc.acl)
			exchangeDFS(t, s, "PATCH", set, "x-ms-permissions: 0700", "x-ms-owner: me").want(t, tc.owner)
		})
	}
}
