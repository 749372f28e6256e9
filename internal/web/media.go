package web

import (
	"fmt"
	"mime"
	"net/http"

	"rebound"
)

// media serves a stored picture or recording. Only kinds that cannot carry a script open in the browser;
// everything else is a download. A stranger chose the content, and the type too.
func (s *site) media(w http.ResponseWriter, r *http.Request) error {
	m, err := s.rows.Media(r.Context(), rebound.MediaID(r.PathValue("media")))
	if err != nil {
		return err
	}
	if m.State != rebound.MediaStored {
		return rebound.Errorf(rebound.NotFound, "R1614", "This picture or recording is not here. Ask the customer to send it again.")
	}
	f, err := s.Files.Open(s.Business, m.ID)
	if err != nil {
		return fmt.Errorf("open media %s: %w", m.ID, err)
	}
	defer f.Close() // it was only read

	h := w.Header()
	kind := safeType(m.ContentType)
	if kind == "" {
		kind = "application/octet-stream"
		h.Set("Content-Disposition", `attachment; filename="`+string(m.ID)+`.bin"`)
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private, max-age=31536000, immutable") // an id's content never changes
	http.ServeContent(w, r, "", m.CreatedAt, f)
	return nil
}

// safeType is a content type that a browser may open in our pages, without its parameters, or "".
func safeType(contentType string) string {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	switch kind {
	case "image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "image/avif",
		"audio/mpeg", "audio/mp4", "audio/aac", "audio/ogg", "audio/wav", "audio/x-wav", "audio/wave", "audio/amr", "audio/3gpp",
		"video/mp4", "video/3gpp", "video/webm", "video/quicktime":
		return kind
	}
	return ""
}
