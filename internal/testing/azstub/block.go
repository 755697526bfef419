package azstub

import (
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// maxBlockID is the longest block id before encoding.
const maxBlockID = 64

// maxBlockListBody bounds the XML of a block list: 50,000 long ids fit.
const maxBlockListBody = 16 << 20

// putBlock is Put Block.
func (c *call) putBlock() (*answer, error) {
	id, length, err := c.blockID()
	if err != nil {
		return nil, err
	}
	if c.http.ContentLength == 0 {
		return nil, errInvalidHeaderValue
	}
	body, err := c.receive(c.srv.opts.Limits.BlockSize, false)
	if err != nil {
		return nil, err
	}
	if err := c.stage(block{id, body.content}, length); err != nil {
		return nil, err
	}
	ans := reply(http.StatusCreated)
	ans.header.Set("x-ms-request-server-encrypted", "true")
	setSums(ans.header, body)
	return ans, nil
}

// blockID reads the id of the block and its length before encoding.
func (c *call) blockID() (string, int, error) {
	id := c.query.Get("blockid")
	if id == "" {
		return "", 0, errMissingQuery
	}
	raw, err := base64.StdEncoding.DecodeString(id)
	switch {
	case err != nil:
		return "", 0, errInvalidQuery
	case len(raw) > maxBlockID:
		return "", 0, errOutOfRangeInput
	}
	return id, len(raw), nil
}

// stage keeps a block until a list uses or discards it.
func (c *call) stage(bl block, idLength int) error {
	s := c.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	ctr, err := s.container(c.target.container)
	if err != nil {
		return err
	}
	if b := ctr.blob(c.target.blob); b != nil {
		if err := c.mayStage(b, bl.id, idLength); err != nil {
			return err
		}
	} else if c.http.Header.Get("x-ms-lease-id") != "" {
		return errLeaseNotPresentBlob
	}
	b := ctr.touch(c.target.blob)
	if b.uncommitted == nil {
		b.uncommitted = map[string]block{}
	}
	b.uncommitted[bl.id] = bl
	b.idLength = idLength
	return nil
}

func (c *call) mayStage(b *blob, id string, idLength int) error {
	if err := c.mayCommit(b); err != nil {
		return err
	}
	if b.current != nil && b.current.tier == "Archive" {
		return errBlobArchived
	}
	if err := b.protected(); err != nil {
		return err
	}
	if len(b.uncommitted) > 0 && b.idLength != idLength {
		return errInvalidBlobOrBlock
	}
	if _, again := b.uncommitted[id]; !again && len(b.uncommitted) >= c.srv.opts.Limits.UncommittedBlocks {
		return errBlockCountExceedsLimit
	}
	return nil
}

// mayCommit reports whether blocks may be put in the place of what is kept under a name. What
// the Data Lake endpoint, SFTP or NFS have written takes none.
func (c *call) mayCommit(b *blob) error {
	if err := c.mayReplace(b, BlockBlob); err != nil {
		return err
	}
	if b.current != nil && b.current.origin == OriginDFS {
		return errBlobNotSupported
	}
	return nil
}

// listedBlock is an entry of the block list that a client sends.
type listedBlock struct {
	list string // Committed, Uncommitted or Latest
	id   string
}

// putBlockList is Put Block List.
func (c *call) putBlockList() (*answer, error) {
	h := c.http.Header
	cond, err := conditionsOf(h, "")
	if err != nil {
		return nil, err
	}
	v, err := c.newVersion()
	if err != nil {
		return nil, err
	}
	list, sums, err := c.readBlockList()
	if err != nil {
		return nil, err
	}
	if len(list) > c.srv.opts.Limits.Blocks {
		return nil, errBlockListTooLong
	}
	ans, err := c.commit(cond, v, list)
	if err != nil {
		return nil, err
	}
	setSums(ans.header, sums)
	return ans, nil
}

// commit makes a version of the listed blocks and stores it. A failure leaves
// all uncommitted blocks as they are.
func (c *call) commit(cond conditions, v *version, list []listedBlock) (*answer, error) {
	s := c.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	ctr, err := s.container(c.target.container)
	if err != nil {
		return nil, err
	}
	b := ctr.blob(c.target.blob)
	if b == nil {
		b = &blob{}
	}
	if err := cond.create(b.current, false); err != nil {
		return nil, err
	}
	if err := c.mayCommit(b); err != nil {
		return nil, err
	}
	if v.blocks, err = b.find(list); err != nil {
		return nil, err
	}
	v.content = join(v.blocks)
	if err := s.put(ctr, c.target.blob, c.caller(), v); err != nil {
		return nil, err
	}
	ans := reply(http.StatusCreated)
	setVersion(ans.header, v)
	ans.header.Set("x-ms-request-server-encrypted", "true")
	return ans, nil
}

// find resolves the ids of a list; an id may occur more than once.
func (b *blob) find(list []listedBlock) ([]block, error) {
	committed := map[string]block{}
	if b.current != nil {
		for _, bl := range b.current.blocks {
			committed[bl.id] = bl
		}
	}
	blocks := make([]block, 0, len(list))
	for _, l := range list {
		bl, ok := b.uncommitted[l.id]
		if l.list == "Committed" || l.list == "Latest" && !ok {
			bl, ok = committed[l.id]
		}
		if !ok {
			return nil, errInvalidBlockList
		}
		blocks = append(blocks, bl)
	}
	return blocks, nil
}

// readBlockList reads the XML of a block list.
func (c *call) readBlockList() ([]listedBlock, received, error) {
	body, err := c.receiveXML(maxBlockListBody)
	if err != nil {
		return nil, received{}, err
	}
	var list []listedBlock
	d := xml.NewDecoder(strings.NewReader(string(body.content.bytes(nil))))
	depth, at := 0, listedBlock{}
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return list, body, nil
		}
		if err != nil {
			return nil, received{}, errInvalidXML
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			depth++
			at = listedBlock{list: tok.Name.Local}
			if depth == 2 && at.list != "Latest" && at.list != "Committed" && at.list != "Uncommitted" || depth > 2 {
				return nil, received{}, errInvalidXML
			}
		case xml.CharData:
			at.id += string(tok)
		case xml.EndElement:
			if depth == 2 {
				at.id = strings.TrimSpace(at.id)
				list = append(list, at)
			}
			depth--
		}
	}
}

// getBlockList is Get Block List. It also answers for a blob that has nothing
// but uncommitted blocks.
func (c *call) getBlockList() (*answer, error) {
	which := c.query.Get("blocklisttype")
	switch which {
	case "":
		which = "committed"
	case "committed", "uncommitted", "all":
	default:
		return nil, errInvalidQuery
	}
	s := c.srv
	s.mu.RLock()
	defer s.mu.RUnlock()
	ctr, err := s.container(c.target.container)
	if err != nil {
		return nil, err
	}
	b := ctr.blob(c.target.blob)
	if b == nil {
		return nil, errBlobNotFound
	}
	v := b.current
	if snap := c.query.Get("snapshot"); snap != "" {
		if _, v, err = s.version(c.target, snap); err != nil {
			return nil, err
		}
	}
	if err := c.leaseGiven(b); err != nil {
		return nil, err
	}
	ans := reply(http.StatusOK)
	ans.header.Set("Content-Type", "application/xml")
	ans.header.Set("x-ms-blob-content-length", "0")
	var committed []block
	if v != nil {
		if v.blobType != BlockBlob {
			return nil, errInvalidBlobType
		}
		setVersion(ans.header, v)
		ans.header.Set("x-ms-blob-content-length", strconv.FormatInt(v.content.size, 10))
		committed = v.blocks
	}
	var x strings.Builder
	x.WriteString(`<?xml version="1.0" encoding="utf-8"?><BlockList>`)
	if which != "uncommitted" {
		writeBlocks(&x, "CommittedBlocks", committed)
	}
	if which != "committed" {
		writeBlocks(&x, "UncommittedBlocks", b.staged())
	}
	x.WriteString("</BlockList>")
	ans.body = newContent([]byte(x.String()))
	return ans, nil
}

// staged lists the uncommitted blocks in the order of their ids.
func (b *blob) staged() []block {
	ids := slices.Sorted(maps.Keys(b.uncommitted))
	blocks := make([]block, len(ids))
	for i, id := range ids {
		blocks[i] = b.uncommitted[id]
	}
	return blocks
}

func writeBlocks(x *strings.Builder, element string, blocks []block) {
	x.WriteString("<" + element + ">")
	for _, b := range blocks {
		x.WriteString("<Block><Name>" + b.id + "</Name><Size>")
		x.WriteString(strconv.FormatInt(b.content.size, 10))
		x.WriteString("</Size></Block>")
	}
	x.WriteString("</" + element + ">")
}
