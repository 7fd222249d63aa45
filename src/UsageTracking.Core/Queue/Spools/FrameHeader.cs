using System.Buffers.Binary;

namespace UsageTracking.Queue.Spools;

/// <summary>
/// What stands before the records that were written together. It has a checksum of its own, so that where only the records
/// are damaged it is still known which ones they were and where the next frame begins.
/// </summary>
/// <param name="FirstRow">The number of the first record; numbers run through a spool without a gap, from 1.</param>
/// <param name="Count">How many records there are.</param>
/// <param name="WrittenAt">When they were written.</param>
/// <param name="Length">How many bytes they take.</param>
/// <param name="Checksum">CRC-32C of those bytes.</param>
internal readonly record struct FrameHeader(long FirstRow, int Count, DateTimeOffset WrittenAt, int Length, uint Checksum)
{
    /// <summary>Bytes of the header: mark, length, first row, time, count and two checksums.</summary>
    public const int Size = 36;

    /// <summary>No frame is longer; a length beyond it is damage.</summary>
    public const int LargestLength = 16 * 1024 * 1024;

    private const int ChecksummedSize = 32;

    /// <summary>What every header begins with.</summary>
    public static ReadOnlySpan<byte> Mark => "UTF1"u8;

    public long LastRow => FirstRow + Count - 1;

    public void Write(Span<byte> to)
    {
        Mark.CopyTo(to);
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], Length);
        BinaryPrimitives.WriteInt64LittleEndian(to[8..], FirstRow);
        BinaryPrimitives.WriteInt64LittleEndian(to[16..], WrittenAt.UtcTicks);
        BinaryPrimitives.WriteInt32LittleEndian(to[24..], Count);
        BinaryPrimitives.WriteUInt32LittleEndian(to[28..], Checksum);
        BinaryPrimitives.WriteUInt32LittleEndian(to[ChecksummedSize..], Crc32C.Of(to[..ChecksummedSize]));
    }

    /// <summary>Reads a header; false where there is none, or a damaged one.</summary>
    public static bool TryRead(ReadOnlySpan<byte> from, out FrameHeader header)
    {
        header = default;
        if (from.Length < Size || !from.StartsWith(Mark) || BinaryPrimitives.ReadUInt32LittleEndian(from[ChecksummedSize..]) != Crc32C.Of(from[..ChecksummedSize]))
            return false;

        header = new FrameHeader(
            BinaryPrimitives.ReadInt64LittleEndian(from[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[24..]),
            new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(from[16..]), TimeSpan.Zero),
            BinaryPrimitives.ReadInt32LittleEndian(from[4..]),
            BinaryPrimitives.ReadUInt32LittleEndian(from[28..]));
        return true;
    }
}
