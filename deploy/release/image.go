package main

import (
	"bytes"
	"encoding/pem"
	"io"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// user is who the program runs as in a container: nobody on the host.
const user = "65532"

// images writes the image: as an OCI layout with one manifest for each architecture, and
// for each as `docker load` reads it.
func (r *release) images(programs []built) error {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, b := range programs {
		image, err := r.image(b)
		if err != nil {
			return err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add:        image,
			Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: b.os, Architecture: b.arch}},
		})
		tag, err := name.NewTag("tidegate:" + string(r.version))
		if err != nil {
			return err
		}
		if err := tarball.WriteToFile(r.file("_docker_%s.tar", b.arch), tag, image); err != nil {
			return err
		}
	}
	directory := filepath.Join(r.work, "oci")
	path, err := layout.Write(directory, empty.Index)
	if err != nil {
		return err
	}
	named := layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": string(r.version)})
	if err := path.AppendIndex(index, named); err != nil {
		return err
	}
	entries, err := entriesOf(directory)
	if err != nil {
		return err
	}
	return writeFile(r.file("_oci.tar"), func(w io.Writer) error { return writeTar(w, entries, r.time) })
}

// image returns the image of one program.
func (r *release) image(b built) (v1.Image, error) {
	content, err := r.content(b)
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content)), nil
	}, tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	if image, err = mutate.Append(image, mutate.Addendum{
		Layer:   layer,
		History: v1.History{Created: v1.Time{Time: r.time}, CreatedBy: "make release"},
	}); err != nil {
		return nil, err
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.OS, file.Architecture, file.Created = b.os, b.arch, v1.Time{Time: r.time}
	file.Config = v1.Config{
		Entrypoint: []string{"/usr/bin/tidegate"},
		Cmd:        []string{"serve", "/etc/tidegate"},
		User:       user + ":" + user,
		WorkingDir: "/",
		StopSignal: "SIGTERM",
		Labels: map[string]string{
			"org.opencontainers.image.title":    "Tidegate",
			"org.opencontainers.image.source":   "https://github.com/tidegate/tidegate",
			"org.opencontainers.image.licenses": "Apache-2.0",
			"org.opencontainers.image.version":  string(r.version),
		},
	}
	return mutate.ConfigFile(image, file)
}

// content returns the files of the image as a tar archive: the program, the certificates of
// the public authorities, and nothing that can be executed beside it.
func (r *release) content(b built) ([]byte, error) {
	program, err := os.ReadFile(b.path)
	if err != nil {
		return nil, err
	}
	var roots bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint != nil {
			continue // a file of certificates cannot express it
		}
		if err := pem.Encode(&roots, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}); err != nil {
			return nil, err
		}
	}
	var content bytes.Buffer
	err = writeTar(&content, []entry{
		{"etc/", 0o755, nil},
		{"etc/group", 0o644, []byte("root:x:0:\ntidegate:x:" + user + ":\n")},
		{"etc/passwd", 0o644, []byte("root:x:0:0:root:/:/sbin/nologin\ntidegate:x:" + user + ":" + user + ":Tidegate:/:/sbin/nologin\n")},
		{"etc/ssl/", 0o755, nil},
		{"etc/ssl/certs/", 0o755, nil},
		{"etc/ssl/certs/ca-certificates.crt", 0o644, roots.Bytes()},
		{"etc/tidegate/", 0o755, nil},
		{"tmp/", 0o1777, nil},
		{"usr/", 0o755, nil},
		{"usr/bin/", 0o755, nil},
		{"usr/bin/tidegate", 0o755, program},
	}, r.time)
	return content.Bytes(), err
}

// entriesOf returns the files below a directory, in the order of their names.
func entriesOf(directory string) (entries []entry, err error) {
	err = filepath.WalkDir(directory, func(path string, d os.DirEntry, err error) error {
		if err != nil || path == directory {
			return err
		}
		name, err := filepath.Rel(directory, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			entries = append(entries, entry{filepath.ToSlash(name) + "/", 0o755, nil})
			return nil
		}
		data, err := os.ReadFile(path) //nolint:gosec // what was just written
		entries = append(entries, entry{filepath.ToSlash(name), 0o644, data})
		return err
	})
	return entries, err
}
