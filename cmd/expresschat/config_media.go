package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/labstack/gommon/bytes"

	"expresschat/media"
)

// What the size of a file may be set to.
const (
	minMedia = 1 << 10
	maxMedia = 2 << 30
)

// wantMediaURL is what CHAT_MEDIA_URL may be. Who opens it looks at the rest.
const wantMediaURL = `"s3://bucket?region=eu-central-1", or nothing for a folder in CHAT_DATA_DIR`

func (c *config) checkMedia() (err error) {
	scheme, _, _ := strings.Cut(c.MediaURL, "://")
	if c.MediaURL != "" && !slices.Contains([]string{"s3", "file", "mem"}, scheme) {
		return wrong("CHAT_MEDIA_URL", wantMediaURL)
	}
	if c.mediaLimit, err = parseLimits(c.MediaLimit); err != nil {
		return wrong("CHAT_MEDIA_LIMIT", `a size from 1KiB to 2GiB, like "50MiB", behind it others for kinds of files, like "50MiB,image=20MiB,voice=10MiB,video=50MiB,file=50MiB,profile=5MiB"`)
	}
	if c.MediaQuota == "0" {
		return nil
	}
	if c.mediaQuota, err = bytes.Parse(c.MediaQuota); err != nil || c.mediaQuota < minMedia {
		return wrong("CHAT_MEDIA_QUOTA", `how much a person may have, like "2GiB", or "0" for any amount`)
	}
	return nil
}

var errLimit = errors.New("no such limit")

// parseLimits reads what all kinds of files have for a limit, and then those that have another
// one.
func parseLimits(s string) (media.Limits, error) {
	all, others, more := strings.Cut(s, ",")
	n, err := parseLimit(all)
	l := media.Limits{Image: n, Voice: n, Video: n, File: n, Profile: n}
	if err != nil || !more {
		return l, err
	}
	kinds := map[string]*int64{"image": &l.Image, "voice": &l.Voice, "video": &l.Video, "file": &l.File, "profile": &l.Profile}
	for _, other := range strings.Split(others, ",") {
		kind, size, _ := strings.Cut(strings.TrimSpace(other), "=")
		limit := kinds[kind]
		if limit == nil {
			return l, errLimit
		}
		delete(kinds, kind) // once each
		if *limit, err = parseLimit(size); err != nil {
			return l, err
		}
	}
	return l, nil
}

func parseLimit(s string) (int64, error) {
	n, err := bytes.Parse(strings.TrimSpace(s))
	if err == nil && (n < minMedia || n > maxMedia) {
		err = errLimit
	}
	return n, err
}
