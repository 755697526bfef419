package config

import "github.com/hashicorp/hcl/v2"

// The structs have the shape of the file. docs/configuration.md is generated from their
// comments.

// rootSchema describes the top level of every file. The blocks are decoded one after
// another, because later ones may use values of earlier ones.
func rootSchema() *hcl.BodySchema {
	return &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
		{Type: "node"},
		{Type: "start"},
		{Type: "locals"},
		{Type: "transfers"},
		{Type: "reload"},
		{Type: "backend", LabelNames: []string{"type", "name"}},
		{Type: "frontend", LabelNames: []string{"type", "name"}},
		{Type: "auth", LabelNames: []string{"type", "name"}},
		{Type: "event", LabelNames: []string{"type", "name"}},
		{Type: "defaults"},
		{Type: "tenant", LabelNames: []string{"name"}},
		{Type: "log"},
		{Type: "access_log", LabelNames: []string{"name"}},
		{Type: "audit", LabelNames: []string{"name"}},
		{Type: "guessing"},
		{Type: "tracing"},
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
	// The memory that all transfers of the process may use together. Sessions get three eighths
	// of this amount in addition, at least 16 MiB, so their number is limited too. If half of the
	// memory of the host, or of the process's cgroup, is less than the default, that half is the
	// default. Default: `"256MiB"`.
	Memory      string    `hcl:"memory,optional"`
	MemoryRange hcl.Range `hcl:"memory,attr_value_range"`
	// How long, after SIGTERM, clients are served as before, while the node reports that it
	// is not ready: as long as the load balancer needs to send new clients to other nodes.
	// Then the listeners are closed, and `grace` begins. Default: none.
	DrainDelay      string    `hcl:"drain_delay,optional"`
	DrainDelayRange hcl.Range `hcl:"drain_delay,attr_value_range"`
	// How long running transfers may continue after a stop before they are aborted. Thirty
	// seconds later the process ends in any case. If a part of it has not ended by then,
	// the process fails and the log names the part. Default: `"2m"`.
	Grace      string    `hcl:"grace,optional"`
	GraceRange hcl.Range `hcl:"grace,attr_value_range"`
	// Whether the process, on a virtual machine of Azure, stops before Azure restarts or deletes
	// the machine, as after `tidegate drain`. Then it lets Azure begin; see
	// [operations.md](operations.md#azures-scheduled-events). Default: `false`.
	AzureScheduledEvents bool `hcl:"azure_scheduled_events,optional"`
}

type tenantBlock struct {
	// A directory of a store in the tree of the tenant's users. The label is its path in the
	// tree.
	Mounts []mountBlock `hcl:"mount,block"`
	// A user, with the name as the label. Names are not case-sensitive.
	Users []userBlock `hcl:"user,block"`
	// A file with further users, one a line: `NAME:HASH`, `NAME:HASH:HOME` or
	// `NAME:HASH:HOME:RIGHTS`, as htpasswd -B and `tidegate user` write it; see
	// [users.md](users.md). Default: none.
	UsersFile      string    `hcl:"users_file,optional"`
	UsersFileRange hcl.Range `hcl:"users_file,attr_value_range"`
	// The networks and addresses that the tenant's users may log in from. If a user has
	// `networks` too, the address of the client must be in both lists. Default: all.
	Networks hcl.Expression `hcl:"networks,optional"`
	// The public keys of authorities, without options: `[file("ca.pub")]`. The tenant's users may
	// log in over SFTP with OpenSSH certificates of these authorities. Default: none.
	TrustedUserCAKeys hcl.Expression `hcl:"trusted_user_ca_keys,optional"`
	// Keys that are no longer accepted from the tenant's users: public keys or fingerprints
	// (`"SHA256:…"`) of users or authorities, one a line: `[file("revoked")]`. Default:
	// none.
	RevokedKeys hcl.Expression `hcl:"revoked_keys,optional"`
	// What the mounts and users of this tenant inherit.
	Defaults *tenantDefaultsBlock `hcl:"defaults,block"`
	// What all users of the tenant may use together.
	Limits *limitsBlock `hcl:"limits,block"`

	// Host names of this tenant: `["ftp.contoso.example"]`. An FTP client that asks for one of
	// them, by TLS (SNI) or by the command HOST, can log in only as a user of this tenant, and a
	// user name without a tenant means the user of this tenant. Default: none.
	Hosts hcl.Expression `hcl:"hosts,optional"`
	// The external service that decides about logins of users that the tenant does not list:
	// `auth.http.NAME`. Default: none.
	Auth hcl.Expression `hcl:"auth,optional"`

	Body hcl.Body `hcl:",body"`
}

// defaultsBlock has what tenants, mounts and users inherit. Its blocks have the syntax of the
// blocks tenant, mount and user, without a label.
type defaultsBlock struct {
	// What every tenant inherits: everything that a block `tenant` can have.
	Tenant *inheritedBlock `hcl:"tenant,block"`
	// What every mount inherits: everything that a block `mount` can have.
	Mount *inheritedBlock `hcl:"mount,block"`
	// What every user inherits: everything that a block `user` can have.
	User *inheritedBlock `hcl:"user,block"`
}

// tenantDefaultsBlock has what the mounts and users of one tenant inherit.
type tenantDefaultsBlock struct {
	// What every mount of the tenant inherits: everything that a block `mount` can have.
	Mount *inheritedBlock `hcl:"mount,block"`
	// What every user of the tenant inherits: everything that a block `user` can have.
	User *inheritedBlock `hcl:"user,block"`
}

type inheritedBlock struct {
	Body hcl.Body `hcl:",remain"`
}

type mountBlock struct {
	At      string    `hcl:"at,label"`
	AtRange hcl.Range `hcl:"at,label_range"`
	// The store: `backend.TYPE.NAME`, or an expression such as
	// `backend.azblob[tenant.value.store]`. Required.
	Backend hcl.Expression `hcl:"backend"`
	// The directory in the store that is mounted. Default: all of it.
	Path      string    `hcl:"path,optional"`
	PathRange hcl.Range `hcl:"path,attr_value_range"`
	// `"read"`, or `"read_write"` within each user's rights. Default: `"read_write"`.
	Access      string    `hcl:"access,optional"`
	AccessRange hcl.Range `hcl:"access,attr_value_range"`
	// What happens when a directory above a new file or directory is missing: `"create"`
	// creates it, for users with the right `"mkdir"`; `"require"` refuses with "no such
	// directory". Default: `"create"`.
	Parents      string    `hcl:"parents,optional"`
	ParentsRange hcl.Range `hcl:"parents,attr_value_range"`
	// The Cache-Control header of new files, for web servers and CDNs. Default: none.
	CacheControl      string    `hcl:"cache_control,optional"`
	CacheControlRange hcl.Range `hcl:"cache_control,attr_value_range"`
	// Content types of new files by extension, `{ log = "text/plain" }`. They take
	// precedence over the built-in ones.
	ContentTypes hcl.Expression `hcl:"content_types,optional"`

	DefRange hcl.Range `hcl:",def_range"`
	Body     hcl.Body  `hcl:",body"`
}

type userBlock struct {
	Name      string    `hcl:"name,label"`
	NameRange hcl.Range `hcl:"name,label_range"`
	// The argon2id, bcrypt or SHA-crypt (`$6$`, `$5$`) hash of the password, as `tidegate hash-password` prints it.
	// Required unless there are keys or authorities.
	PasswordHash      Secret    `hcl:"password_hash,optional"`
	PasswordHashRange hcl.Range `hcl:"password_hash,attr_value_range"`
	// The public keys for SFTP, each as a line of authorized_keys or as a whole such file:
	// `[file("camera.pub")]`. The options from= (addresses and networks), expiry-time=,
	// cert-authority and principals= are applied. Default: none.
	AuthorizedKeys hcl.Expression `hcl:"authorized_keys,optional"`
	// The principals of this user. A certificate with which the user logs in must have one of
	// them, compared exactly: an OpenSSH certificate or, with `login = "certificate"`, the names
	// in a client certificate of FTPS. Default: the user's logins.
	Principals hcl.Expression `hcl:"principals,optional"`
	// What the user needs to log in: `"any"` of the configured credentials, `"password"`,
	// `"key"`, `"key_and_password"` or, over FTPS, a client certificate: `"certificate"` or
	// `"certificate_and_password"`. A certificate of OpenSSH counts as a key. FTP has no keys, so
	// a user that needs a key cannot log in over FTP. Default: `"any"`.
	Login      string    `hcl:"login,optional"`
	LoginRange hcl.Range `hcl:"login,attr_value_range"`
	// The directory that is `/` for the user: nothing outside of it can be reached or seen,
	// over FTP and SFTP. It is a path among the tenant's mounts; mounts below it stay in
	// the tree. It always exists for the user. Default: `"/"`.
	Root      string    `hcl:"root,optional"`
	RootRange hcl.Range `hcl:"root,attr_value_range"`
	// The first directory of a session, as the user sees it: below `root`. It always exists. The
	// user can leave it and reach everything in `root`: only `root` confines a user. Default:
	// `"/"`.
	Home      string    `hcl:"home,optional"`
	HomeRange hcl.Range `hcl:"home,attr_value_range"`
	// The user's rights: `"list"`, `"read"`, `"write"`, `"overwrite"`, `"delete"`,
	// `"rename"`, `"mkdir"`. `"write"` without `"overwrite"` makes a drop box. Default:
	// all.
	Allow hcl.Expression `hcl:"allow,optional"`
	// Other rights for one directory and everything below it. If several blocks match a path, the
	// block of the deepest directory applies.
	Paths []pathBlock `hcl:"path,block"`
	// Patterns for the names of files, such as `["*.csv", "*.csv.filepart"]`. Uploads, renames
	// and copies of the user can give files only names that match a pattern. Names of directories
	// are not limited. A pattern is compared with the last part of the path, without regard to
	// case: `*` is any text, `?` one character, `[a-z]` one character of a range, and `\` takes
	// the special meaning from the next character. Many clients upload under a temporary name,
	// which must match too. Default: `[]`, all names.
	AllowNames hcl.Expression `hcl:"allow_names,optional"`
	// Patterns, as in `allow_names`, for names that the user can give neither to files nor
	// to directories, such as `["*.exe", ".*"]`. Dots and spaces at the end of a name do not
	// hide it. Default: `[]`, none.
	DenyNames hcl.Expression `hcl:"deny_names,optional"`
	// The networks (`"203.0.113.0/24"`) and addresses that the user may log in from.
	// Default: all.
	Networks hcl.Expression `hcl:"networks,optional"`
	// The protocols that the user may log in by: `"ftp"` (without TLS), `"ftps"` (FTP with TLS,
	// explicit or implicit), `"sftp"`. Without `"ftp"`, data connections without TLS are
	// refused too, also where the frontend allows them. Default: all.
	Protocols hcl.Expression `hcl:"protocols,optional"`
	// Whether the user may log in. `false` keeps the block and refuses every login.
	// Default: `true`.
	Enabled      *bool     `hcl:"enabled,optional"`
	EnabledRange hcl.Range `hcl:"enabled,attr_value_range"`
	// The last day on which the user may log in, `"2027-01-31"` (UTC), or the time from
	// which every login is refused, `"2027-01-31T18:00:00+01:00"`. Default: none.
	Expires      string    `hcl:"expires,optional"`
	ExpiresRange hcl.Range `hcl:"expires,attr_value_range"`
	// The day on which the password was set, `"2026-11-30"` (UTC). For a user in a users file,
	// the line of the user has it. Default: unknown.
	PasswordChanged      string    `hcl:"password_changed,optional"`
	PasswordChangedRange hcl.Range `hcl:"password_changed,attr_value_range"`
	// The number of days after `password_changed` for which the password is accepted. Later it is
	// refused like a wrong password; running sessions continue. Keys and certificates are
	// accepted as before. Default: for ever.
	PasswordMaxAgeDays  int       `hcl:"password_max_age_days,optional"`
	PasswordMaxAgeRange hcl.Range `hcl:"password_max_age_days,attr_value_range"`
	// What happens to sessions of the user when the user is removed, disabled or expired, or when
	// its credentials or rights change: `"keep"` leaves them, `"end_idle"` ends each session when
	// none of its transfers runs, `"end"` ends them at once and aborts transfers that are not
	// committed; see [reload.md](reload.md#sessions-of-changed-users). Default: `"end_idle"`.
	OnChange      string    `hcl:"on_change,optional"`
	OnChangeRange hcl.Range `hcl:"on_change,attr_value_range"`
	// What all sessions of the user may use together, within the limits of the tenant.
	Limits *limitsBlock `hcl:"limits,block"`

	DefRange hcl.Range `hcl:",def_range"`
	// What happens to an upload whose data connection ended normally, if the control connection
	// is lost before the commit: `"abort"`, or `"commit"` for devices that close everything
	// without waiting for the reply. Default: `"abort"`.
	OnControlLost      string    `hcl:"on_control_lost,optional"`
	OnControlLostRange hcl.Range `hcl:"on_control_lost,attr_value_range"`
	// What ALLO means: with `"check"` an upload that is shorter than announced is aborted,
	// with `"hint"` it is not. Default: `"check"`.
	ALLO      string    `hcl:"allo,optional"`
	ALLORange hcl.Range `hcl:"allo,attr_value_range"`
	// Whether an upload may resume at the end of a file: `"on"`, or `"off"`, which refuses
	// REST before STOR. Default: `"on"`.
	Resume      string    `hcl:"resume,optional"`
	ResumeRange hcl.Range `hcl:"resume,attr_value_range"`
	// Whether an upload over FTPS is aborted when its data connection ends without
	// close_notify. Some clients never send it. Default: `false`.
	RequireCloseNotify bool `hcl:"require_close_notify,optional"`
	// The format of LIST over FTP: `"unix"`, as ls prints it, or `"dos"`, for clients made
	// for IIS. Default: `"unix"`.
	ListStyle      string    `hcl:"list_style,optional"`
	ListStyleRange hcl.Range `hcl:"list_style,attr_value_range"`
	// What TYPE A does over FTP: `"keep"` changes no byte, `"convert"` stores LF for CR LF
	// and sends CR LF for LF, which damages files that are not text. Default: `"keep"`.
	ASCII      string    `hcl:"ascii,optional"`
	ASCIIRange hcl.Range `hcl:"ascii,attr_value_range"`
	// The character set of names over FTP until a client requests UTF-8: `"cp1252"`,
	// `"iso-8859-15"`, `"shift_jis"` and others, by the names of the WHATWG or of IANA.
	// Default: `"utf-8"`.
	Charset      string    `hcl:"charset,optional"`
	CharsetRange hcl.Range `hcl:"charset,attr_value_range"`

	Body hcl.Body `hcl:",body"`

	// listed is true for a line of a users file, disabled for one with a disabled user.
	listed, disabled bool
	// answered is true for an answer of an authority, which checks the password or the key.
	answered bool
}

type pathBlock struct {
	// The directory, as the user sees it.
	At      string    `hcl:"at,label"`
	AtRange hcl.Range `hcl:"at,label_range"`
	// The user's rights in this directory, in place of the user's `allow`; `[]` for none. Paths
	// are compared exactly, with case. So on a store that ignores case, give the user few rights,
	// and give more rights in blocks `path`. Required.
	Allow hcl.Expression `hcl:"allow"`

	DefRange hcl.Range `hcl:",def_range"`
	Body     hcl.Body  `hcl:",body"`
}

type logBlock struct {
	// `"debug"`, `"info"`, `"warn"` or `"error"`. Default: `"info"`.
	Level      string    `hcl:"level,optional"`
	LevelRange hcl.Range `hcl:"level,attr_value_range"`
	// `"json"`, one object a line, `"text"`, for people, or `"auto"`: text on a terminal,
	// JSON elsewhere. Default: `"auto"`.
	Format      string    `hcl:"format,optional"`
	FormatRange hcl.Range `hcl:"format,attr_value_range"`
	// Addresses and networks of clients, and names of users (`"camera-01"` or
	// `"contoso/camera-01"`), whose whole sessions are in the log: all FTP commands and replies,
	// all SFTP requests and answers, without passwords. A reload changes the list for running
	// sessions too. Default: none.
	Trace hcl.Expression `hcl:"trace,optional"`
}
