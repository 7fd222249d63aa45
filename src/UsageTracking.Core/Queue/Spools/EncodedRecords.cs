using System.Collections;
using UsageTracking.Metering;

namespace UsageTracking.Queue.Spools;

/// <summary>
/// Records as a spool keeps them, each decoded when it is read: a chunk of them is bytes, not objects that outlive it. They are
/// valid until their buffer is cleared.
/// </summary>
internal sealed class EncodedRecords : IReadOnlyList<UsageRecord>
{
    private readonly Buffer _buffer;
    private readonly int _first;

    private EncodedRecords(Buffer buffer, int first, int count) => (_buffer, _first, Count) = (buffer, first, count);

    public int Count { get; }

    public UsageRecord this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return _buffer.Decode(_first + index, new TextCache());
        }
    }

    /// <summary>Some of them.</summary>
    public EncodedRecords Part(int first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)first + (uint)count, (uint)Count, nameof(count));
        return new EncodedRecords(_buffer, _first + first, count);
    }

    public IEnumerator<UsageRecord> GetEnumerator()
    {
        // One of its own: several threads may read.
        var texts = new TextCache();
        for (int i = 0; i < Count; i++)
            yield return _buffer.Decode(_first + i, texts);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Takes the bytes of frames; used again for another chunk.</summary>
    public sealed class Buffer
    {
        // Blocks rather than an array that grows, which would leave smaller ones behind.
        private const int BlockSize = 256 * 1024;

        private readonly List<byte[]> _blocks = [];
        private (int Block, int Offset)[] _starts = [];
        private int _block = -1;
        private int _used;

        /// <summary>How many records it holds.</summary>
        public int Count { get; private set; }

        /// <summary>The records it holds.</summary>
        public EncodedRecords All => new(this, 0, Count);

        public void Clear() => (Count, _block, _used) = (0, -1, 0);

        /// <summary>Takes records but for the first ones.</summary>
        /// <param name="bytes">A frame's records.</param>
        /// <param name="starts">Where each begins.</param>
        /// <param name="known">How many are left out.</param>
        public void Add(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> starts, int known)
        {
            starts = starts[known..];
            if (starts.IsEmpty)
                return;

            bytes = bytes[starts[0]..];
            bytes.CopyTo(Take(bytes.Length));
            if (_starts.Length < Count + starts.Length)
                Array.Resize(ref _starts, Math.Max(Count + starts.Length, 2 * _starts.Length));

            foreach (int start in starts)
                _starts[Count++] = (_block, _used - bytes.Length + start - starts[0]);
        }

        public UsageRecord Decode(int index, TextCache texts)
        {
            (int block, int at) = _starts[index];
            return RecordCodec.Read(_blocks[block], ref at, texts);
        }

        private Span<byte> Take(int length)
        {
            if (_block < 0 || _blocks[_block].Length - _used < length)
            {
                _used = 0;
                if (++_block == _blocks.Count)
                    _blocks.Add(new byte[Math.Max(length, BlockSize)]);
                else if (_blocks[_block].Length < length)
                    _blocks[_block] = new byte[length];
            }

            _used += length;
            return _blocks[_block].AsSpan(_used - length, length);
        }
    }
}
