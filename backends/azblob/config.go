package azblob

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/backends"
	"github.com/tidegate/tidegate/backends/azblob/azauth"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/vfs"
)

// Type returns the type of the blocks `backend "azblob" "…" {}`.
func Type() config.Type {
	shared := azauth.NewIdentities()
	return backends.TypeOf("azblob", func() Config {
		return Config{
			identities: shared,
			HNS:        "auto", RenameEntries: defaultRenameEntries, DirectoryMarkers: string(MarkersHDI), AppendCopyLimit: "256MiB",
			FileRename: "atomic", ACL: "inherit", Attributes: "fixed",
		}
	})
}

// Config is the body of a block.
type Config struct {
	// Account is the storage account in the public cloud.
	Account string `hcl:"account,optional"`
	// Endpoint is the URL of the blob service, in place of Account: for other clouds, custom
	// domains and the Azurite emulator.
	Endpoint string `hcl:"endpoint,optional"`
	// Container is the container that holds the files. It must exist.
	Container string `hcl:"container"`
	// HNS says whether the account has a hierarchical namespace (Data Lake Storage Gen2). "auto"
	// asks the account. Write "true" or "false" if the account does not answer this question.
	HNS string `hcl:"hns,optional"`
	// DFSEndpoint is the URL of the endpoint for Data Lake Storage of an account with a
	// hierarchical namespace. By default it is the URL of the Blob service with ".dfs." in place
	// of ".blob.".
	DFSEndpoint string `hcl:"dfs_endpoint,optional"`
	// FileRename says how a file is renamed in an account with a hierarchical namespace:
	// "atomic" with one request, after which Event Grid reports BlobRenamed, or "copy" by
	// a copy and a deletion, after which it reports BlobCreated as for an upload.
	FileRename string `hcl:"file_rename,optional"`
	// ACL says which access control list a file gets when it replaces another file, in an account
	// with a hierarchical namespace. With "inherit" it has the owner and the list of a new file.
	// With "keep" it gets the owner, the group and the list of the old file, which needs the role
	// Storage Blob Data Owner.
	ACL string `hcl:"acl,optional"`
	// Attributes says which owner, group and mode SFTP shows: with "fixed" the same for all
	// files, with "store" those that an account with a hierarchical namespace has stored for each
	// file.
	Attributes string `hcl:"attributes,optional"`
	// RenameEntries is how many entries a directory may hold that is renamed, in an account
	// without a hierarchical namespace.
	RenameEntries int `hcl:"rename_entries,optional"`
	// DirectoryMarkers says which blob MKD makes for a directory: "hdi" makes the empty blob
	// "dir" with the metadata hdi_isfolder, as blobfuse2, Hadoop and Spark do. "slash" makes the
	// blob "dir/", as rclone does. "none" makes no blob: while the directory is empty, only this
	// process knows it. With each setting, directories with blobs of both forms are shown.
	DirectoryMarkers string `hcl:"directory_markers,optional"`
	// ContentMD5 gives every uploaded blob the property Content-MD5. It takes more CPU time than
	// all other checksums.
	ContentMD5 bool `hcl:"content_md5,optional"`
	// KeepTags keeps the index tags of a blob when the blob is appended to, copied or renamed,
	// except for the results of malware scans. It needs the role Storage Blob Data Owner, or a
	// SAS with the permission t.
	KeepTags bool `hcl:"keep_tags,optional"`
	// AccessTier is the tier of uploaded blobs: "hot", "cool" or "cold". By default a new blob
	// gets the default tier of the account, and a replaced blob keeps its tier.
	AccessTier string `hcl:"access_tier,optional"`
	// AppendCopyLimit is how many bytes of a blob Tidegate may read and store again in order to
	// append to it. This is necessary for some blobs of other programs. An append that needs more
	// is refused.
	AppendCopyLimit string `hcl:"append_copy_limit,optional"`
	// APIVersion is the version of the service's API to speak, for clouds and
	// emulators that do not know the newest: a date from "2021-02-12" on.
	APIVersion string `hcl:"api_version,optional"`
	// Auth is the one credential.
	Auth []azauth.Auth `hcl:"auth,block"`

	AccountRange         hcl.Range `hcl:"account,attr_value_range"`
	EndpointRange        hcl.Range `hcl:"endpoint,attr_value_range"`
	ContainerRange       hcl.Range `hcl:"container,attr_value_range"`
	HNSRange             hcl.Range `hcl:"hns,attr_value_range"`
	DFSEndpointRange     hcl.Range `hcl:"dfs_endpoint,attr_value_range"`
	FileRenameRange      hcl.Range `hcl:"file_rename,attr_value_range"`
	ACLRange             hcl.Range `hcl:"acl,attr_value_range"`
	AttributesRange      hcl.Range `hcl:"attributes,attr_value_range"`
	RenameEntriesRange   hcl.Range `hcl:"rename_entries,attr_value_range"`
	AccessTierRange      hcl.Range `hcl:"access_tier,attr_value_range"`
	AppendCopyLimitRange hcl.Range `hcl:"append_copy_limit,attr_value_range"`
	MarkersRange         hcl.Range `hcl:"directory_markers,attr_value_range"`
	APIVersionRange      hcl.Range `hcl:"api_version,attr_value_range"`
	Body                 hcl.Body  `hcl:",body"`

	identities *azauth.Identities // of all blocks
}

// problem makes a diagnostic: what is wrong, and what to write instead.
func problem(at hcl.Range, summary, detail string, args ...any) *hcl.Diagnostic {
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(detail, args...), Subject: at.Ptr()}
}

// Validate reports everything that is wrong without asking the service.
func (c *Config) Validate() hcl.Diagnostics {
	var diags hcl.Diagnostics
	diags = append(diags, c.validateContainer()...)
	diags = append(diags, c.validateHierarchical()...)
	if c.RenameEntries < 1 {
		diags = append(diags, problem(c.RenameEntriesRange, "rename_entries is too small", "Write a number from 1 on; the default is %d.", defaultRenameEntries))
	}
	// From this version on names that XML cannot hold are listed encoded.
	if c.APIVersion != "" && (!regexp.MustCompile(`^20\d\d-[01]\d-[0-3]\d$`).MatchString(c.APIVersion) || c.APIVersion < "2021-02-12") {
		diags = append(diags, problem(c.APIVersionRange, "Not a version of the API", `Write the date of a version from "2021-02-12" on, or remove api_version.`))
	}
	diags = append(diags, c.validateContent()...)
	switch {
	case len(c.Auth) == 0:
		diags = append(diags, problem(c.Body.MissingItemRange(), "Missing auth block", "Write one auth block with the credential: %s.", azauth.Kinds))
	case len(c.Auth) > 1:
		for _, extra := range c.Auth[1:] {
			diags = append(diags, problem(extra.DefRange, "More than one auth block",
				"A container is opened with one credential, and there is one already at %s. Remove either.", c.Auth[0].DefRange))
		}
	}
	for i := range c.Auth {
		diags = append(diags, c.Auth[i].Validate()...)
	}
	diags = append(diags, c.validatePlace()...)
	if !diags.HasErrors() {
		diags = append(diags, c.validateCredential()...)
	}
	return diags
}

// validateHierarchical checks what is said about hierarchical namespaces.
func (c *Config) validateHierarchical() hcl.Diagnostics {
	var diags hcl.Diagnostics
	oneOf := func(value string, at hcl.Range, name string, values ...string) {
		if !slices.Contains(values, value) {
			diags = append(diags, problem(at, "Unknown value of "+name, "Write \"%s\".", strings.Join(values, "\" or \"")))
		}
	}
	oneOf(c.HNS, c.HNSRange, "hns", "auto", "true", "false")
	oneOf(c.FileRename, c.FileRenameRange, "file_rename", "atomic", "copy")
	oneOf(c.ACL, c.ACLRange, "acl", "inherit", "keep")
	oneOf(c.Attributes, c.AttributesRange, "attributes", "fixed", "store")
	if c.DFSEndpoint != "" {
		diags = append(diags, c.validateURL(c.DFSEndpoint, c.DFSEndpointRange, `Write a URL such as "https://contoso.dfs.core.windows.net".`)...)
	}
	return diags
}

// validateContent checks what is said about the blobs that are written.
func (c *Config) validateContent() hcl.Diagnostics {
	var diags hcl.Diagnostics
	if c.AccessTier != "" && onlineTier(c.AccessTier) == "" {
		diags = append(diags, problem(c.AccessTierRange, "Unknown access tier", `Write "hot", "cool" or "cold", or remove access_tier for the default of the account.`))
	}
	limit, sizeDiags := config.ParseSize(c.AppendCopyLimit, c.AppendCopyLimitRange)
	diags = append(diags, sizeDiags...)
	if !sizeDiags.HasErrors() && limit < 1 {
		diags = append(diags, problem(c.AppendCopyLimitRange, "append_copy_limit is too small", `Write a size from 1B on; the default is "256MiB".`))
	}
	switch Markers(c.DirectoryMarkers) {
	case MarkersHDI, MarkersSlash, MarkersNone:
	default:
		diags = append(diags, problem(c.MarkersRange, "Unknown value of directory_markers", `Write "hdi", "slash" or "none".`))
	}
	return diags
}

func (c *Config) validateContainer() hcl.Diagnostics {
	const rule = "A container's name has 3 to 63 small letters, digits and hyphens; it begins and ends with a letter or digit, and no two hyphens follow each other."
	switch {
	case c.Container == "$web":
		return nil
	case c.Container == "$root":
		return hcl.Diagnostics{problem(c.ContainerRange, "The root container cannot be used", "Its blobs cannot lie in directories. Name another container.")}
	case len(c.Container) < 3, len(c.Container) > 63, strings.Contains(c.Container, "--"),
		!regexp.MustCompile(`^[a-z0-9][a-z0-9-]*[a-z0-9]$`).MatchString(c.Container):
		return hcl.Diagnostics{problem(c.ContainerRange, "Not a name of a container", rule)}
	}
	return nil
}

// validatePlace checks account and endpoint.
func (c *Config) validatePlace() hcl.Diagnostics {
	both := c.Account != "" && c.Endpoint != ""
	inString := len(c.Auth) == 1 && c.Auth[0].Kind == azauth.ConnectionString
	switch {
	case inString && c.Account != "":
		return hcl.Diagnostics{problem(c.AccountRange, "Account given twice", "The connection string says where the account is. Remove account.")}
	case inString && c.Endpoint != "":
		return hcl.Diagnostics{problem(c.EndpointRange, "Endpoint given twice", "The connection string says where the account is. Remove endpoint.")}
	case inString:
		return nil
	case both:
		return hcl.Diagnostics{problem(c.EndpointRange, "Both account and endpoint", "The endpoint says where the account is. Remove either.")}
	case c.Account == "" && c.Endpoint == "":
		return hcl.Diagnostics{problem(c.Body.MissingItemRange(), "Missing account",
			`Write account = "NAME" for an account in the public cloud, or endpoint = "https://NAME.blob.…" for another.`)}
	case c.Endpoint == "" && !regexp.MustCompile(`^[a-z0-9]{3,24}$`).MatchString(c.Account):
		return hcl.Diagnostics{problem(c.AccountRange, "Not a name of an account",
			"An account's name has 3 to 24 small letters and digits. Write the name alone, without the host; use endpoint for a URL.")}
	case c.Endpoint == "":
		return nil
	}
	return c.validateEndpoint()
}

func (c *Config) validateEndpoint() hcl.Diagnostics {
	return c.validateURL(c.Endpoint, c.EndpointRange,
		`Write a URL such as "https://contoso.blob.core.windows.net", or "http://127.0.0.1:10000/devstoreaccount1" for the emulator.`)
}

func (c *Config) validateURL(text string, at hcl.Range, example string) hcl.Diagnostics {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return hcl.Diagnostics{problem(at, "Not an endpoint", "%s", example)}
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return hcl.Diagnostics{problem(at, "Endpoint holds more than a place",
			`The credential belongs into the auth block: auth "sas" { token = … }.`)}
	case u.Scheme == "http" && len(c.Auth) == 1 && c.Auth[0].NeedsTLS():
		return hcl.Diagnostics{problem(at, "Endpoint is not encrypted",
			"auth %q sends a token that must not be seen. Write https://, or use another credential.", c.Auth[0].Kind)}
	}
	return nil
}

// validateCredential checks that the credential can be made.
func (c *Config) validateCredential() hcl.Diagnostics {
	a := &c.Auth[0]
	switch a.Kind {
	case azauth.SharedKey:
		if c.accountName() == "" {
			return hcl.Diagnostics{problem(a.DefRange, "Missing account", `The endpoint does not say the account's name. Write account = "NAME" in this block.`)}
		}
		if _, err := sharedKey(a, c.accountName()); err != nil {
			return hcl.Diagnostics{problem(a.KeyRange, "Not an account key", "An account key is base64 text of 88 characters, as the portal shows it under Access keys.")}
		}
		return c.warnOfShortKey(a)
	case azauth.SAS:
		if q, err := url.ParseQuery(a.SASToken()); err != nil || !q.Has("sig") {
			return hcl.Diagnostics{problem(a.TokenRange, "Not a shared access signature", `Write the token alone, as in "sv=…&sig=…", without the URL before it.`)}
		}
		return c.signatureOf().check(time.Now())
	case azauth.ConnectionString:
		if !isConnectionString(a.Value.Reveal(), c.Container) {
			return hcl.Diagnostics{problem(a.ValueRange, "Not a connection string",
				`Write the text that the portal shows under Access keys: "DefaultEndpointsProtocol=https;AccountName=…;AccountKey=…;EndpointSuffix=core.windows.net".`)}
		}
		if s := c.signatureOf(); s != nil {
			return s.check(time.Now())
		}
	case azauth.WorkloadIdentity:
		if a.TokenFile != "" {
			return config.CheckFile(a.TokenFile, a.TokenFileRange)
		}
	case azauth.ClientCertificate:
		return append(config.CheckFile(a.CertificateFile, a.CertificateFileRange), config.CheckPrivate(a.CertificateFile, a.CertificateFileRange)...)
	}
	return nil
}

// accountKeyText is the length of an account key of Azure: 64 bytes in base64.
const accountKeyText = 88

// warnOfShortKey warns of a key that Azure cannot have given. An emulator takes keys of
// any length.
func (c *Config) warnOfShortKey(a *azauth.Auth) hcl.Diagnostics {
	if c.Account == "" || len(a.Key.Reveal()) == accountKeyText {
		return nil
	}
	return hcl.Diagnostics{config.Warning(a.KeyRange, "Unusual account key",
		"The account keys of Azure have 88 characters, this one has another length. Compare it with the portal's under Access keys.")}
}

// content sets the options about the blobs that are written, of a valid Config.
func (c *Config) content(o *Options) {
	o.ContentMD5, o.KeepTags, o.AccessTier = c.ContentMD5, c.KeepTags, onlineTier(c.AccessTier)
	o.AppendCopyLimit, _ = config.ParseSize(c.AppendCopyLimit, c.AppendCopyLimitRange)
	o.DFSEndpoint = c.DFSEndpoint
	o.Hierarchical = HierarchicalOptions{CopyFiles: c.FileRename == "copy", KeepACL: c.ACL == "keep", ShowAccess: c.Attributes == "store"}
}

// Open opens the container and checks that it can be used.
func (c *Config) Open(ctx context.Context, env backends.Env) (vfs.Backend, error) {
	o := Options{Name: env.Name, RenameEntries: c.RenameEntries, Markers: Markers(c.DirectoryMarkers), Chunks: env.Chunks, Ledger: env.Ledger, Log: env.Log, Metrics: env.Metrics, APIVersion: c.APIVersion}
	if env.Memory != nil {
		o.Buffers = env.Memory.Buffers
	}
	c.content(&o)
	if err := c.credential(&o); err != nil {
		return nil, err
	}
	b, err := New(o)
	if err != nil {
		return nil, err
	}
	ns := map[string]Namespace{"true": NamespaceHierarchical, "false": NamespaceFlat}[c.HNS]
	if err := b.Probe(ctx, ns); err != nil {
		_ = b.Close() // nothing is open yet but idle connections
		return nil, err
	}
	b.Sweep()
	return b, nil
}
