package mediatype

// byExtension is the table: ext is in lower case and without its dot. It is a
// switch rather than a map so that nothing can change it.
func byExtension(ext string) string {
	switch ext {
	// Text.
	case "txt", "text", "log", "ini", "conf", "cfg", "nfo", "asc", "diff", "patch", "srt", "sub", "m3u":
		return "text/plain; charset=utf-8"
	case "csv":
		return "text/csv; charset=utf-8"
	case "tsv", "tab":
		return "text/tab-separated-values; charset=utf-8"
	case "md", "markdown":
		return "text/markdown; charset=utf-8"
	case "css":
		return "text/css; charset=utf-8"
	case "js", "mjs", "cjs":
		return "text/javascript; charset=utf-8"
	case "vtt":
		return "text/vtt; charset=utf-8"
	case "ics", "ifb":
		return "text/calendar; charset=utf-8"
	case "vcf", "vcard":
		return "text/vcard; charset=utf-8"
	case "htm", "html", "shtml":
		return "text/html"

	// Data.
	case "json", "map":
		return "application/json"
	case "geojson":
		return "application/geo+json"
	case "jsonld":
		return "application/ld+json"
	case "ndjson", "jsonl":
		return "application/x-ndjson"
	case "webmanifest":
		return "application/manifest+json"
	case "har":
		return "application/json"
	case "xml", "xsl", "xsd", "rng":
		return "application/xml"
	case "dtd":
		return "application/xml-dtd"
	case "xslt":
		return "application/xslt+xml"
	case "xhtml", "xht":
		return "application/xhtml+xml"
	case "rss":
		return "application/rss+xml"
	case "atom":
		return "application/atom+xml"
	case "yaml", "yml":
		return "application/yaml"
	case "toml":
		return "application/toml"
	case "sql":
		return "application/sql"
	case "sqlite", "sqlite3":
		return "application/vnd.sqlite3"
	case "parquet":
		return "application/vnd.apache.parquet"
	case "arrow":
		return "application/vnd.apache.arrow.file"
	case "avro":
		return "application/vnd.apache.avro"
	case "wasm":
		return "application/wasm"
	case "hdf", "hdf5", "h5":
		return "application/x-hdf"
	case "nc", "cdf":
		return "application/x-netcdf"
	case "edi", "edifact":
		return "application/edifact"
	case "x12":
		return "application/edi-x12"

	// Images.
	case "jpg", "jpeg", "jpe", "jfif":
		return "image/jpeg"
	case "png":
		return "image/png"
	case "apng":
		return "image/apng"
	case "gif":
		return "image/gif"
	case "webp":
		return "image/webp"
	case "avif":
		return "image/avif"
	case "heic":
		return "image/heic"
	case "heif":
		return "image/heif"
	case "jxl":
		return "image/jxl"
	case "jp2":
		return "image/jp2"
	case "bmp", "dib":
		return "image/bmp"
	case "tif", "tiff":
		return "image/tiff"
	case "svg", "svgz":
		return "image/svg+xml"
	case "ico", "cur":
		return "image/vnd.microsoft.icon"
	case "psd":
		return "image/vnd.adobe.photoshop"
	case "djvu", "djv":
		return "image/vnd.djvu"
	case "dng":
		return "image/x-adobe-dng"
	case "cr2":
		return "image/x-canon-cr2"
	case "cr3":
		return "image/x-canon-cr3"
	case "crw":
		return "image/x-canon-crw"
	case "nef":
		return "image/x-nikon-nef"
	case "arw":
		return "image/x-sony-arw"
	case "orf":
		return "image/x-olympus-orf"
	case "raf":
		return "image/x-fuji-raf"
	case "rw2":
		return "image/x-panasonic-rw2"
	case "pef":
		return "image/x-pentax-pef"
	case "pbm":
		return "image/x-portable-bitmap"
	case "pgm":
		return "image/x-portable-graymap"
	case "ppm":
		return "image/x-portable-pixmap"

	// Video, with what cameras and recorders write.
	case "mp4", "m4v", "mp4v":
		return "video/mp4"
	case "mov", "qt":
		return "video/quicktime"
	case "mpg", "mpeg", "mpe", "m1v", "m2v", "vob":
		return "video/mpeg"
	case "webm":
		return "video/webm"
	case "mkv":
		return "video/matroska"
	case "avi":
		return "video/x-msvideo"
	case "wmv":
		return "video/x-ms-wmv"
	case "asf":
		return "video/x-ms-asf"
	case "flv":
		return "video/x-flv"
	case "ogv":
		return "video/ogg"
	case "3gp":
		return "video/3gpp"
	case "3g2":
		return "video/3gpp2"
	// Not TypeScript: what is uploaded and served is far more often a segment
	// of a transport stream.
	case "ts", "m2t", "m2ts", "mts":
		return "video/mp2t"
	case "m4s":
		return "video/iso.segment"
	case "h264", "264":
		return "video/h264"
	case "h265", "265", "hevc":
		return "video/h265"
	case "mjpg", "mjpeg":
		return "video/x-motion-jpeg"
	case "dv":
		return "video/dv"
	case "mxf":
		return "application/mxf"
	case "m3u8":
		return "application/vnd.apple.mpegurl"
	case "mpd":
		return "application/dash+xml"

	// Audio.
	case "mp3", "mpga":
		return "audio/mpeg"
	case "m4a", "m4b":
		return "audio/mp4"
	case "aac":
		return "audio/aac"
	case "wav", "wave":
		return "audio/wav"
	case "flac":
		return "audio/flac"
	case "ogg", "oga", "spx":
		return "audio/ogg"
	case "opus":
		return "audio/opus"
	case "weba":
		return "audio/webm"
	case "wma":
		return "audio/x-ms-wma"
	case "aif", "aiff", "aifc":
		return "audio/aiff"
	case "mid", "midi":
		return "audio/midi"
	case "amr":
		return "audio/amr"
	case "ac3":
		return "audio/ac3"
	case "au", "snd":
		return "audio/basic"

	// Documents.
	case "pdf":
		return "application/pdf"
	case "ps", "eps", "ai":
		return "application/postscript"
	case "rtf":
		return "application/rtf"
	case "doc", "dot":
		return "application/msword"
	case "docx":
		return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	case "dotx":
		return "application/vnd.openxmlformats-officedocument.wordprocessingml.template"
	case "docm":
		return "application/vnd.ms-word.document.macroenabled.12"
	case "xls", "xlt", "xlm":
		return "application/vnd.ms-excel"
	case "xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case "xltx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.template"
	case "xlsm":
		return "application/vnd.ms-excel.sheet.macroenabled.12"
	case "xlsb":
		return "application/vnd.ms-excel.sheet.binary.macroenabled.12"
	case "ppt", "pps", "pot":
		return "application/vnd.ms-powerpoint"
	case "pptx":
		return "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	case "ppsx":
		return "application/vnd.openxmlformats-officedocument.presentationml.slideshow"
	case "pptm":
		return "application/vnd.ms-powerpoint.presentation.macroenabled.12"
	case "vsd":
		return "application/vnd.visio"
	case "vsdx":
		return "application/vnd.ms-visio.drawing.main+xml"
	case "mdb", "accdb":
		return "application/vnd.ms-access"
	case "mpp":
		return "application/vnd.ms-project"
	case "xps":
		return "application/vnd.ms-xpsdocument"
	case "odt":
		return "application/vnd.oasis.opendocument.text"
	case "ods":
		return "application/vnd.oasis.opendocument.spreadsheet"
	case "odp":
		return "application/vnd.oasis.opendocument.presentation"
	case "odg":
		return "application/vnd.oasis.opendocument.graphics"
	case "epub":
		return "application/epub+zip"
	case "mobi", "prc":
		return "application/x-mobipocket-ebook"
	case "tex", "latex":
		return "application/x-tex"
	case "eml", "mht", "mhtml":
		return "message/rfc822"
	case "msg":
		return "application/vnd.ms-outlook"

	// Archives, packages and images of disks.
	case "zip":
		return "application/zip"
	case "gz", "tgz":
		return "application/gzip"
	case "bz2", "tbz", "tbz2":
		return "application/x-bzip2"
	case "xz", "txz":
		return "application/x-xz"
	case "zst", "tzst":
		return "application/zstd"
	case "lz4":
		return "application/x-lz4"
	case "z":
		return "application/x-compress"
	case "br":
		return "application/x-brotli"
	case "tar":
		return "application/x-tar"
	case "7z":
		return "application/x-7z-compressed"
	case "rar":
		return "application/vnd.rar"
	case "cab":
		return "application/vnd.ms-cab-compressed"
	case "cpio":
		return "application/x-cpio"
	case "jar", "war", "ear":
		return "application/java-archive"
	case "apk":
		return "application/vnd.android.package-archive"
	case "deb":
		return "application/vnd.debian.binary-package"
	case "rpm":
		return "application/x-rpm"
	case "msi", "msp":
		return "application/x-msi"
	case "msix", "appx":
		return "application/msix"
	case "exe", "dll":
		return "application/vnd.microsoft.portable-executable"
	case "dmg":
		return "application/x-apple-diskimage"
	case "iso":
		return "application/x-iso9660-image"
	case "bin", "dat", "img", "dump", "bak", "fw":
		return "application/octet-stream"
	case "sh":
		return "application/x-sh"

	// Fonts.
	case "woff":
		return "font/woff"
	case "woff2":
		return "font/woff2"
	case "ttf":
		return "font/ttf"
	case "otf":
		return "font/otf"
	case "ttc":
		return "font/collection"
	case "eot":
		return "application/vnd.ms-fontobject"

	// Maps, models and drawings.
	case "kml":
		return "application/vnd.google-earth.kml+xml"
	case "kmz":
		return "application/vnd.google-earth.kmz"
	case "gpx":
		return "application/gpx+xml"
	case "gml":
		return "application/gml+xml"
	case "shp":
		return "application/vnd.shp"
	case "dbf":
		return "application/vnd.dbf"
	case "gpkg":
		return "application/geopackage+sqlite3"
	case "las", "laz":
		return "application/vnd.las"
	case "grib", "grb", "grib2", "grb2":
		return "application/grib"
	case "dwg":
		return "image/vnd.dwg"
	case "dxf":
		return "image/vnd.dxf"
	case "stl":
		return "model/stl"
	case "obj":
		return "model/obj"
	case "step", "stp":
		return "model/step"
	case "gltf":
		return "model/gltf+json"
	case "glb":
		return "model/gltf-binary"
	case "usdz":
		return "model/vnd.usdz+zip"
	case "3mf":
		return "model/3mf"

	// Medicine and laboratories.
	case "dcm", "dicom":
		return "application/dicom"

	// Keys, certificates and signatures.
	case "pem":
		return "application/x-pem-file"
	case "crt", "cer", "der":
		return "application/pkix-cert"
	case "crl":
		return "application/pkix-crl"
	case "p12", "pfx":
		return "application/pkcs12"
	case "p7m", "p7c":
		return "application/pkcs7-mime"
	case "p7s":
		return "application/pkcs7-signature"
	case "p10", "csr":
		return "application/pkcs10"
	case "pgp", "gpg":
		return "application/pgp-encrypted"
	case "sig":
		return "application/pgp-signature"

	// Captures of networks.
	case "pcap", "cap":
		return "application/vnd.tcpdump.pcap"
	case "torrent":
		return "application/x-bittorrent"
	}
	return ""
}
