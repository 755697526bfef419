package ftpcode

import (
	"slices"

	"github.com/tidegate/tidegate/vfs"
)

// row is a row of the table of error kinds.
type row struct {
	code int
	// create is the code where the error is about a name that the client
	// wants to write to: STOR, STOU, APPE, RNTO (RFC 959, 5.4: 553).
	create int
}

// table returns the table of error kinds. RFC 959, 4.2 has the meaning of the codes; 554
// is RFC 3659, 5.4's for a REST that does not fit.
func table() map[vfs.Kind]row {
	return map[vfs.Kind]row{
		vfs.KindInternal:    {451, 451},
		vfs.KindNotExist:    {550, 553},
		vfs.KindExist:       {550, 553},
		vfs.KindIsDir:       {550, 553},
		vfs.KindNotDir:      {550, 553},
		vfs.KindNotEmpty:    {550, 550},
		vfs.KindPermission:  {550, 553},
		vfs.KindInvalid:     {553, 553},
		vfs.KindOffset:      {554, 554},
		vfs.KindUnsupported: {504, 504},
		vfs.KindCrossMount:  {553, 553},
		vfs.KindTooMany:     {553, 553},
		vfs.KindTooLarge:    {552, 552},
		vfs.KindConflict:    {450, 450},
		vfs.KindLocked:      {550, 550},
		vfs.KindNoSpace:     {452, 452},
		vfs.KindQuota:       {552, 552},
		vfs.KindBusy:        {450, 450},
		vfs.KindUnavailable: {451, 451},
		vfs.KindCanceled:    {426, 426},
	}
}

// Of returns the code of the reply to the command called verb that failed with an error of
// this kind.
func Of(verb string, kind vfs.Kind) int {
	row := table()[kind]
	switch {
	case slices.Contains([]string{"STOR", "STOU", "APPE", "RNTO"}, verb):
		return row.create
	case verb == "MLSD" && kind == vfs.KindNotDir:
		return 501 // RFC 3659, 7.2.1
	}
	return row.code
}

// Success returns the code of the reply to the command called verb that succeeded.
func Success(verb string) int {
	switch verb {
	case "STOR", "STOU", "APPE", "RETR", "LIST", "NLST", "MLSD":
		return 226
	case "MKD", "XMKD":
		return 257
	case "SIZE", "MDTM", "MFMT", "STAT", "HASH":
		return 213
	case "RNFR", "CPFR":
		return 350
	case "USER":
		return 331
	case "PASS":
		return 230
	}
	return 250
}
