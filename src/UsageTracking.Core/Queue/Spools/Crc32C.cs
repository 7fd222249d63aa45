using System.Buffers.Binary;
using System.Numerics;

namespace UsageTracking.Queue.Spools;

/// <summary>The checksum of frames: CRC-32C (Castagnoli), as in RFC 3720, appendix B.4.</summary>
internal static class Crc32C
{
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint crc = ~0u;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte b in bytes)
            crc = BitOperations.Crc32C(crc, b);

        return ~crc;
    }
}
