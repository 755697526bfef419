package azblob

import "github.com/tidegate/tidegate/internal/memory/chunk"

const (
	// maxBlocks is what the service takes in one blob, and maxBlockSize in one
	// block.
	maxBlocks    = 50_000
	maxBlockSize = 4000 << 20

	// maxBlobSize is more than the service stores in one blob.
	maxBlobSize = maxBlocks * maxBlockSize

	// Blocks double with every doubleAfter of them, so that a blob can be
	// large although its first blocks are small.
	doubleAfter = 10_000
)

// blockLimit returns how large the block with this index may become. The memory
// bounds it with most, so that one upload can have several blocks on their way.
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
