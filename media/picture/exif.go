package picture

import (
	"bytes"
	"encoding/binary"
)

// turn is how an image is to be turned to be shown, as EXIF numbers it: 1 is as it is stored, and 0
// says nothing.
type turn uint16

// swaps reports whether what is stored as its width is shown as its height.
func (t turn) swaps() bool { return t >= 5 && t <= 8 }

// stored is the pixel of an image of w by h that is shown at x and y.
func (t turn) stored(x, y, w, h int) (int, int) {
	switch t {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, h - 1 - x
	case 7:
		return w - 1 - y, h - 1 - x
	case 8:
		return w - 1 - y, x
	default:
		return x, y
	}
}

const (
	exifMagic       = "Exif\x00\x00"
	tagOrientation  = 0x0112
	typeShort       = 3
	directoryAt     = 8  // where the first directory of minimalEXIF is
	directoryEntry  = 12 // bytes
	tiffBigEndian   = "MM\x00*"
	tiffSmallEndian = "II*\x00"
)

// exifTurn is 0 where the payload of an APP1 segment has no orientation, or none that there is. What
// is not where the first directory says it is, is not there.
func exifTurn(payload []byte) turn {
	tiff, ok := bytes.CutPrefix(payload, []byte(exifMagic))
	if !ok || len(tiff) < directoryAt {
		return 0
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case tiffBigEndian:
		order = binary.BigEndian
	case tiffSmallEndian:
		order = binary.LittleEndian
	default:
		return 0
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 0
	}
	entries := int(order.Uint16(tiff[at:]))
	for e := tiff[at+2:]; entries > 0 && len(e) >= directoryEntry; entries, e = entries-1, e[directoryEntry:] {
		if order.Uint16(e) != tagOrientation || order.Uint16(e[2:]) != typeShort {
			continue
		}
		if t := turn(order.Uint16(e[8:])); t <= 8 {
			return t
		}
		return 0
	}
	return 0
}

// minimalEXIF is the payload of an APP1 segment that says how to turn an image, and nothing else.
func minimalEXIF(t turn) []byte {
	b := []byte(exifMagic + tiffBigEndian)
	b = binary.BigEndian.AppendUint32(b, directoryAt)
	b = binary.BigEndian.AppendUint16(b, 1) // entries
	b = binary.BigEndian.AppendUint16(b, tagOrientation)
	b = binary.BigEndian.AppendUint16(b, typeShort)
	b = binary.BigEndian.AppendUint32(b, 1) // values
	b = binary.BigEndian.AppendUint16(b, uint16(t))
	return append(b, 0, 0, 0, 0, 0, 0) // the rest of the value, and no further directory
}
