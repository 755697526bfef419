package config

import "github.com/hashicorp/hcl/v2"

// The structs here are shaped like the file. Their comments are the reference
// page: docs/configuration.md is made of them.

// rootSchema is the top of every file. Each block is decoded on its own,
// because later ones may use what earlier ones say.
func rootSchema() *hcl.BodySchema {
	return &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
		{Type: "node"},
		{Type: "transfers"},
		{Type: "backend", LabelNames: []string{"type", "name"}},
		{Type: "frontend", LabelNames: []string{"type", "name"}},
		{Type: "tenant", LabelNames: []string{"name"}},
		{Type: "log"},
	}}
}

type nodeBlock struct {
	// The node's name in logs; other blocks can use it as `node.name`. Default: the host's name.
	Name      *string   `hcl:"name,optional"`
	NameRange hcl.Range `hcl:"name,attr_value_range"`
	// The node's number, from 0; other blocks can use it as `node.index`. There is no default.
	Index      *int      `hcl:"index,optional"`
	IndexRange hcl.Range `hcl:"index,attr_value_range"`
}

type transfersBlock struct {
	// The memory that all transfers of the process may use together. The default is half of what the host, or the process's cgroup, has when that is less. Default: `"256MiB"`.
	Memory      string    `hcl:"memory,optional"`
	MemoryRange hcl.Range `hcl:"memory,attr_value_range"`
	// How long running transfers may go on at shutdown before they are aborted. Thirty seconds later the process ends in any
	// case; if something does not end by itself, it fails and the log says what. Default: `"2m"`.
	Grace      string    `hcl:"grace,optional"`
	GraceRange hcl.Range `hcl:"grace,attr_value_range"`
}

type tenantBlock struct {
	// A place in the tree of the tenant's users, with the path there as its label.
	Mounts []mountBlock `hcl:"mount,block"`
	// A login, with the user's name as its label. Names are not case sensitive.
	Users []userBlock `hcl:"user,block"`
	// The public keys of the authorities whose OpenSSH certificates let the tenant's users in over SFTP, without options: `[file("ca.pub")]`. Default: none.
	TrustedUserCAKeys hcl.Expression `hcl:"trusted_user_ca_keys,optional"`
	// What lets none of the tenant's users in any more: public keys or fingerprints (`"SHA256:…"`) of users or authorities, a line each: `[file("revoked")]`. Default: none.
	RevokedKeys hcl.Expression `hcl:"revoked_keys,optional"`

	Body hcl.Body `hcl:",body"`
}

type mountBlock struct {
	At      string    `hcl:"at,label"`
	AtRange hcl.Range `hcl:"at,label_range"`
	// The store: `backend.TYPE.NAME`. Required.
	Backend hcl.Expression `hcl:"backend"`
	// The directory in the store that is mounted. Default: all of it.
	Path      string    `hcl:"path,optional"`
	PathRange hcl.Range `hcl:"path,attr_value_range"`
	// `"read"`, or `"read_write"` as far as each user is allowed. Default: `"read_write"`.
	Access      string    `hcl:"access,optional"`
	AccessRange hcl.Range `hcl:"access,attr_value_range"`
	// What becomes of missing directories on the way to a new file or directory: `"create"` makes them, for users with the right `"mkdir"`; `"require"` refuses with "no such directory". Default: `"create"`.
	Parents      string    `hcl:"parents,optional"`
	ParentsRange hcl.Range `hcl:"parents,attr_value_range"`
	// The Cache-Control header of new files, for web servers and CDNs. Default: none.
	CacheControl      string    `hcl:"cache_control,optional"`
	CacheControlRange hcl.Range `hcl:"cache_control,attr_value_range"`
	// Content types of new files by extension, `{ log = "text/plain" }`, before those that are built in.
	ContentTypes hcl.Expression `hcl:"content_types,optional"`

	DefRange hcl.Range `hcl:",def_range"`
	Body     hcl.Body  `hcl:",body"`
}

type userBlock struct {
	Name      string    `hcl:"name,label"`
	NameRange hcl.Range `hcl:"name,label_range"`
	// The argon2id or bcrypt hash of the password, as `tidegate hash-password` prints it. Required, unless there are keys or authorities.
	PasswordHash      Secret    `hcl:"password_hash,optional"`
	PasswordHashRange hcl.Range `hcl:"password_hash,attr_value_range"`
	// The public keys for SFTP, each as a line of authorized_keys or as a whole such file: `[file("camera.pub")]`. Of its options, from= (addresses and networks), expiry-time=, cert-authority and principals= are honoured. Default: none.
	AuthorizedKeys hcl.Expression `hcl:"authorized_keys,optional"`
	// What a certificate must name one of to be this user's, as it is written. Default: the user's logins.
	Principals hcl.Expression `hcl:"principals,optional"`
	// What the user must prove: `"any"` of what is configured, `"password"`, `"key"`, or `"key_and_password"`. A certificate is a key. FTP has no keys, and lets in only whom the password suffices. Default: `"any"`.
	Login      string    `hcl:"login,optional"`
	LoginRange hcl.Range `hcl:"login,attr_value_range"`
	// The directory that sessions begin in; it always exists. Default: `"/"`.
	Home      string    `hcl:"home,optional"`
	HomeRange hcl.Range `hcl:"home,attr_value_range"`
	// The user's rights, of `"list"`, `"read"`, `"write"`, `"overwrite"`, `"delete"`, `"rename"`, `"mkdir"`. `"write"` without `"overwrite"` makes a drop box. Default: all.
	Allow hcl.Expression `hcl:"allow,optional"`
	// The networks (`"203.0.113.0/24"`) and addresses that the user may come from. Default: all.
	Networks hcl.Expression `hcl:"networks,optional"`

	DefRange hcl.Range `hcl:",def_range"`
	// What becomes of an upload whose data ended in order although the control connection was lost: `"abort"`, or `"commit"` for devices that close everything without waiting for the answer. Default: `"abort"`.
	OnControlLost      string    `hcl:"on_control_lost,optional"`
	OnControlLostRange hcl.Range `hcl:"on_control_lost,attr_value_range"`
	// What ALLO means: `"check"` abandons an upload that is shorter than announced, `"hint"` does not. Default: `"check"`.
	ALLO      string    `hcl:"allo,optional"`
	ALLORange hcl.Range `hcl:"allo,attr_value_range"`
	// Whether uploads may go on where a file ends: `"on"`, or `"off"`, which refuses REST before STOR. Default: `"on"`.
	Resume      string    `hcl:"resume,optional"`
	ResumeRange hcl.Range `hcl:"resume,attr_value_range"`
	// Whether an upload over FTPS is abandoned when its data connection ends without close_notify. Some clients never send it. Default: `false`.
	RequireCloseNotify bool `hcl:"require_close_notify,optional"`
	// How LIST looks over FTP: `"unix"` as ls prints it, or `"dos"` for what used to talk to IIS. Default: `"unix"`.
	ListStyle      string    `hcl:"list_style,optional"`
	ListStyleRange hcl.Range `hcl:"list_style,attr_value_range"`
	// What TYPE A does over FTP: `"keep"` leaves every byte as it is, `"convert"` stores LF for CR LF and sends CR LF for LF, which spoils files that are no text. Default: `"keep"`.
	ASCII      string    `hcl:"ascii,optional"`
	ASCIIRange hcl.Range `hcl:"ascii,attr_value_range"`
	// The character set of names over FTP, until a client asks for UTF-8: `"cp1252"`, `"iso-8859-15"`, `"shift_jis"` and others by their names on the web or at IANA. Default: `"utf-8"`.
	Charset      string    `hcl:"charset,optional"`
	CharsetRange hcl.Range `hcl:"charset,attr_value_range"`

	Body hcl.Body `hcl:",body"`
}

type logBlock struct {
	// `"debug"`, `"info"`, `"warn"` or `"error"`. Default: `"info"`.
	Level      string    `hcl:"level,optional"`
	LevelRange hcl.Range `hcl:"level,attr_value_range"`
	// `"json"` or `"text"`. Default: `"json"`.
	Format      string    `hcl:"format,optional"`
	FormatRange hcl.Range `hcl:"format,attr_value_range"`
}
