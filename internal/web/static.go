package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
)

// staticFiles are the styles, scripts and symbols. What is under htmx/ is htmx.org 4.0.1 as its authors
// publish it, with its licence; everything else is ours.
//
//go:embed static
var staticFiles embed.FS

// asset is one static file under a name that holds its content's sum, so that a browser may keep it for
// ever and never asks again.
type asset struct {
	path    string // "/static/app.0123456789ab.css"
	kind    string // Content-Type
	plain   []byte
	gzipped []byte // nil where it gains nothing
}

// assets holds every static file by its name in the source ("app.css") and by its address. It is made once
// and never changed.
var assets = sync.OnceValue(func() map[string]*asset {
	all := map[string]*asset{}
	add := func(name string, content []byte) {
		a := newAsset(name, content)
		all[name], all[a.path] = a, a
	}
	err := fs.WalkDir(staticFiles, "static", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := staticFiles.ReadFile(file)
		add(path.Base(file), content)
		return err
	})
	if err != nil {
		panic("web: embedded static files: " + err.Error())
	}
	add("alphabet.js", alphabet())
	return all
})

func newAsset(name string, content []byte) *asset {
	sum := sha256.Sum256(content)
	ext := path.Ext(name)
	a := &asset{
		path:  "/static/" + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext,
		kind:  contentTypes(ext),
		plain: content,
	}
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is valid
	_, err := z.Write(content)
	if err == nil && z.Close() == nil && b.Len() < len(content) {
		a.gzipped = b.Bytes()
	}
	return a
}

// contentTypes does not ask the machine's own table, which may say anything.
func contentTypes(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return "text/plain; charset=utf-8"
}

// file is the address of a static file. An unknown name is a slip in a template, which every test that
// renders it shows.
func file(name string) string {
	a := assets()[name]
	if a == nil {
		panic(fmt.Sprintf("web: no static file %q", name))
	}
	return a.path
}

// static serves a file for ever: a changed one has another name.
func static(w http.ResponseWriter, r *http.Request) error {
	a := assets()[r.URL.Path]
	if a == nil {
		return errNoPage
	}
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body := a.plain
	if a.gzipped != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = a.gzipped
	}
	h.Set("Content-Length", itoa(len(body)))
	_, _ = w.Write(body) // an error means that the browser has left
	return nil
}

// favicon answers browsers that ask for the old name.
func favicon(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, file("icon.svg"), http.StatusFound)
	return nil
}
