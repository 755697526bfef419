package azblob

import "github.com/tidegate/tidegate/internal/memory/chunk"

const (
	// maxBlocks is the most blocks of a blob, and maxBlockSize the largest block that the
	// service accepts.
	maxBlocks    = 50_000
	maxBlockSize = 4000 << 20

	// maxBlobSize is an upper bound of the size of a blob.
	maxBlobSize = maxBlocks * maxBlockSize

	// The size of blocks doubles after every doubleAfter blocks, so that a blob can be large
	// although its first blocks are small.
	doubleAfter = 10_000
)

// blockLimit returns the largest size of the block with this index. most is the bound by
// memory, with which one upload can have several blocks in flight.
func blockLimit(first, most int64, index int) int64 {
	return min(first<<(index/doubleAfter), most, maxBlockSize)
}

func (b *Backend) blockLimit(index int) int64 {
	return blockLimit(b.blockSize, b.chunks.MaxBlock(), index)
}

// LargestFile returns the size of the largest file under a memory budget, when
// none of its blocks has to be sent early.
func (c *Config) LargestFile(memory int64) int64 {
	var size int64
	most := chunk.New(memory).MaxBlock()
	for index := range maxBlocks {
		size += blockLimit(defaultBlockSize, most, index)
	}
	return size
}
