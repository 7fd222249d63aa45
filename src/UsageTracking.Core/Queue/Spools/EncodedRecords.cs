using System.Collections;
using UsageTracking.Metering;

namespace UsageTracking.Queue.Spools;

/// <summary>
/// Records as a spool keeps them, each decoded when it is read: a chunk of them is bytes, not objects that outlive it. They are
/// valid until their reader reads on.
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

    /// <summary>Takes the bytes of frames; used again for the next chunk.</summary>
    public sealed class Buffer
    {
        private byte[] _bytes = [];
        private int _length;
        private int[] _starts = [];

        /// <summary>How many records it holds.</summary>
        public int Count { get; private set; }

        /// <summary>The records it holds.</summary>
        public EncodedRecords Records => new(this, 0, Count);

        public void Clear() => _length = Count = 0;

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
            Reserve(ref _bytes, _length + bytes.Length);
            Reserve(ref _starts, Count + starts.Length);
            bytes.CopyTo(_bytes.AsSpan(_length));
            foreach (int start in starts)
                _starts[Count++] = _length + start - starts[0];

            _length += bytes.Length;
        }

        public UsageRecord Decode(int index, TextCache texts)
        {
            int at = _starts[index];
            return RecordCodec.Read(_bytes.AsSpan(0, _length), ref at, texts);
        }

        private static void Reserve<T>(ref T[] array, int length)
        {
            if (array.Length < length)
                Array.Resize(ref array, Math.Max(length, 2 * array.Length));
        }
    }
}
