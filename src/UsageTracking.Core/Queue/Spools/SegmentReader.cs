using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace UsageTracking.Queue.Spools;

/// <summary>Reads the frames of one segment, while its owner may be appending.</summary>
internal sealed class SegmentReader(string path) : IDisposable
{
    private const int BlockSize = 256 * 1024;

    private readonly SafeFileHandle _file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
    // Large, and one for every segment: it is used again.
    private byte[] _block = ArrayPool<byte>.Shared.Rent(BlockSize);
    // Bytes beyond those that count may be half written: they are not remembered.
    private long _blockStart;
    private int _blockLength;

    public string FilePath { get; } = path;

    /// <summary>
    /// Finds the next whole frame at or after an offset, which moves to it; what lies between is damage. False where none follows.
    /// </summary>
    /// <param name="offset">Where to begin; where none follows, the end of what was looked at.</param>
    /// <param name="end">Bytes of the segment that count.</param>
    /// <param name="header">The frame found.</param>
    public bool TryFind(ref long offset, long end, out FrameHeader header)
    {
        for (; offset + FrameHeader.Size <= end; offset++)
        {
            if (FrameHeader.TryRead(Read(offset, FrameHeader.Size, end), out header) && header.Length <= FrameHeader.LargestLength
                && offset + FrameHeader.Size + header.Length <= end)
            {
                return true;
            }

            SkipToMark(ref offset, end);
        }

        header = default;
        return false;
    }

    /// <summary>The bytes of a frame's records; none where their checksum is wrong.</summary>
    public ReadOnlySpan<byte> Records(long offset, FrameHeader header, long end)
    {
        ReadOnlySpan<byte> records = Read(offset + FrameHeader.Size, header.Length, end);
        return records.Length == header.Length && Crc32C.Of(records) == header.Checksum ? records : default;
    }

    /// <summary>
    /// Whether what stands behind the last whole frame is more than the beginning of a frame that was never finished:
    /// then records were there that were acknowledged.
    /// </summary>
    public bool IsTailDamaged(long offset, long end)
    {
        ReadOnlySpan<byte> head = Read(offset, (int)Math.Min(FrameHeader.Size, end - offset), end);
        // A file system may have made room for a write that a power cut kept from its content: zeros.
        return head.Length == FrameHeader.Size && head.ContainsAnyExcept((byte)0) && !FrameHeader.TryRead(head, out _);
    }

    public void Dispose()
    {
        _file.Dispose();
        ArrayPool<byte>.Shared.Return(_block);
        _block = [];
    }

    /// <summary>Stays one before the next mark, or before the end.</summary>
    private void SkipToMark(ref long offset, long end)
    {
        long next = offset + 1;
        while (next < end)
        {
            ReadOnlySpan<byte> rest = Read(next, (int)Math.Min(BlockSize / 2, end - next), end);
            int at = rest.IndexOf(FrameHeader.Mark);
            if (at >= 0 || rest.Length <= FrameHeader.Mark.Length)
            {
                next += Math.Max(at, 0);
                break;
            }

            // A mark may begin in the last bytes.
            next += rest.Length - FrameHeader.Mark.Length + 1;
        }

        offset = next - 1;
    }

    /// <summary>Bytes from an offset on; fewer where the file ends, or what counts of it.</summary>
    private ReadOnlySpan<byte> Read(long offset, int length, long end)
    {
        if (offset < _blockStart || offset + length > _blockStart + _blockLength)
        {
            if (length > _block.Length)
            {
                ArrayPool<byte>.Shared.Return(_block);
                _block = ArrayPool<byte>.Shared.Rent(length);
            }

            _blockStart = offset;
            _blockLength = 0;
            int most = (int)Math.Min(_block.Length, end - offset);
            int got;
            while (_blockLength < most && (got = RandomAccess.Read(_file, _block.AsSpan(_blockLength, most - _blockLength), offset + _blockLength)) > 0)
                _blockLength += got;
        }

        int start = (int)(offset - _blockStart);
        return _block.AsSpan(start, Math.Min(length, _blockLength - start));
    }
}
