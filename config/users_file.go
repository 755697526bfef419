package config

import (
	"fmt"
	"reflect"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/tidegate/tidegate/config/usersfile"
	"github.com/tidegate/tidegate/internal/auth"
)

// maxLineProblems is how many problems of one users file are reported. A file of another
// format has one in every line.
const maxLineProblems = 20

// usersOf adds the users of a tenant's users file to the tenant.
func (l *loader) usersOf(b *tenantBlock, to *Tenant, certified bool, byLogin logins) {
	if b.UsersFileRange == (hcl.Range{}) {
		return
	}
	if b.UsersFile == "" {
		l.problem(b.UsersFileRange, "Empty path", "Write the path of a users file, or leave the line out.")
		return
	}
	path := l.resolve(b.UsersFile)
	l.extra = append(l.extra, path)
	text, err := readRegular(path, usersfile.MaxBytes)
	if err != nil {
		l.report(b.UsersFileRange, hcl.Diagnostics{Unreadable(b.UsersFileRange, err)})
		return
	}
	l.note(path, true, text)
	file, problems := usersfile.Parse(text)
	wrong := map[*usersfile.Line]bool{}
	for i, p := range problems {
		wrong[p.Line] = true
		if i < maxLineProblems {
			l.problem(placeIn(path, p.Line, p.Span), p.Summary, p.Detail)
		}
	}
	if more := len(problems) - maxLineProblems; more > 0 {
		l.problem(b.UsersFileRange, "Problems in the users file", fmt.Sprintf("There are %d more problems in %s.", more, path))
	}
	var weak []*usersfile.Line
	for _, line := range file.Lines {
		if line.User == nil || wrong[line] {
			continue
		}
		block := l.blockOf(path, line, b.Body)
		to.Users = append(to.Users, l.user(block, to, certified))
		l.login(byLogin, to.Name, line.User.Name, block.NameRange)
		if auth.HashWeakness(line.User.Hash) != "" {
			weak = append(weak, line)
		}
	}
	if len(weak) > 0 {
		at := placeIn(path, weak[0], weak[0].Hash)
		l.report(at, hcl.Diagnostics{Warning(at, "Weak password hash",
			fmt.Sprintf("A reader of the hash could find the password: %s. The file has %d such hashes. `tidegate user passwd` writes better ones, and so does htpasswd -B -C 10.",
				auth.HashWeakness(weak[0].User.Hash), len(weak)))})
	}
}

// blockOf returns the block of a user that a line of a users file stands for. It inherits
// as any other block of a user in the body of the tenant.
func (l *loader) blockOf(path string, line *usersfile.Line, tenant hcl.Body) *userBlock {
	u := line.User
	b := &userBlock{}
	b.leaveOut()
	l.inheritedUser(tenant, u.Name, placeIn(path, line, line.Name), b)
	b.DefRange = placeIn(path, line, usersfile.Span{To: len(line.Text)})
	b.listed, b.disabled = true, u.Disabled
	if u.Hash != "" {
		b.PasswordHash, b.PasswordHashRange = Secret(u.Hash), placeIn(path, line, line.Hash)
	}
	if u.Home != "" {
		b.Home, b.HomeRange = u.Home, placeIn(path, line, line.Home)
	}
	if u.Changed != "" {
		b.PasswordChanged, b.PasswordChangedRange = u.Changed, placeIn(path, line, line.Changed)
	}
	if len(u.Rights) > 0 {
		var words []cty.Value
		for _, word := range u.Rights {
			words = append(words, cty.StringVal(word))
		}
		b.Allow = hcl.StaticExpr(cty.ListVal(words), placeIn(path, line, line.Rights))
	}
	return b
}

// leaveOut sets each expression that is nil to the expression of a missing argument.
func (b *userBlock) leaveOut() {
	missing := hcl.StaticExpr(cty.NullVal(cty.DynamicPseudoType), hcl.Range{})
	v := reflect.ValueOf(b).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); f.Type() == reflect.TypeFor[hcl.Expression]() && f.IsNil() {
			f.Set(reflect.ValueOf(&missing).Elem())
		}
	}
}

// placeIn returns the place of a part of a line.
func placeIn(path string, line *usersfile.Line, part usersfile.Span) hcl.Range {
	at := func(column int) hcl.Pos {
		return hcl.Pos{Line: line.Number, Column: column + 1, Byte: line.Offset + column}
	}
	return hcl.Range{Filename: path, Start: at(part.From), End: at(part.To)}
}
