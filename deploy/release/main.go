package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
)

// platforms are those that a release is for.
var platforms = []platform{
	{"linux", "amd64"},
	{"linux", "arm64"},
	{"darwin", "amd64"},
	{"darwin", "arm64"},
	{"windows", "amd64"},
	{"windows", "arm64"},
}

// allKinds are the kinds of results, beside the sums.
var allKinds = []string{"archive", "materials", "deb", "rpm", "image"}

// platform is what a program is built for, in the words of Go.
type platform struct{ os, arch string }

func (p platform) String() string { return p.os + "/" + p.arch }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	root := flags.String("root", ".", "the `directory` of the repository")
	out := flags.String("o", "dist", "write to this `directory`, which is emptied first")
	only := flags.String("platforms", "", "only these `platforms`, such as linux/amd64,windows/arm64")
	kinds := flags.String("kinds", strings.Join(allKinds, ","), "what to make, of this `list`")
	named := flags.String("version", "", "name this `version` rather than that of the commit")
	if err := flags.Parse(args); err != nil {
		return err
	}
	wanted := platforms
	if *only != "" {
		names := strings.Split(*only, ",")
		wanted = slices.DeleteFunc(slices.Clone(platforms), func(p platform) bool { return !slices.Contains(names, p.String()) })
		if len(wanted) != len(names) {
			return fmt.Errorf("-platforms %s: the platforms are %v", *only, platforms)
		}
	}
	chosen := strings.Split(*kinds, ",")
	for _, kind := range chosen {
		if !slices.Contains(allKinds, kind) {
			return fmt.Errorf("-kinds %s: the kinds are %v", *kinds, allKinds)
		}
	}
	r, err := newRelease(ctx, *root, *out, version(*named))
	if err != nil {
		return err
	}
	defer r.close()
	r.kinds = chosen
	return r.make(ctx, wanted)
}
