using System.Buffers.Binary;
using System.Text;
using UsageTracking.Metering;

namespace UsageTracking.Queue.Spools;

/// <summary>
/// Records as bytes: flags, ticks of the timestamp, quantity, unit cost if there is one, then each text with its length
/// (customer, service, event key and metadata where there are any). Numbers are little-endian, decimals as their four integers.
/// </summary>
internal static class RecordCodec
{
    private const int DecimalSize = 16;

    // Flags, timestamp, two decimals and four lengths.
    private const int LargestFixedPart = 1 + 8 + (2 * DecimalSize) + (4 * 5);

    [Flags]
    private enum Has
    {
        Nothing = 0,
        OwnTimestamp = 1,
        Bytes = 2,
        UnitCost = 4,
        EventKey = 8,
        Metadata = 16,
    }

    /// <summary>The most bytes a record can take.</summary>
    public static int LargestSize(UsageRecord record) => LargestFixedPart + record.Metadata.Bytes.Length
        + (3 * (record.CustomerId.Length + record.Service.Length + (record.EventKey?.Length ?? 0)));

    /// <summary>Writes a record at the start of a span that is large enough.</summary>
    /// <returns>How many bytes it took.</returns>
    public static int Write(UsageRecord record, Span<byte> to)
    {
        bool hasMetadata = !ReferenceEquals(record.Metadata, Metadata.Empty);
        Has has = (record.HasOwnTimestamp ? Has.OwnTimestamp : 0) | (record.InBytes ? Has.Bytes : 0) | (record.UnitCost is null ? 0 : Has.UnitCost)
            | (record.EventKey is null ? 0 : Has.EventKey) | (hasMetadata ? Has.Metadata : 0);
        to[0] = (byte)has;
        BinaryPrimitives.WriteInt64LittleEndian(to[1..], record.Timestamp.UtcTicks);
        int at = 9;
        WriteDecimal(to, ref at, record.Quantity);
        if (record.UnitCost is { } unitCost)
            WriteDecimal(to, ref at, unitCost);

        WriteText(to, ref at, record.CustomerId);
        WriteText(to, ref at, record.Service);
        if (record.EventKey is not null)
            WriteText(to, ref at, record.EventKey);

        if (hasMetadata)
        {
            byte[] metadata = record.Metadata.Bytes;
            WriteLength(to, ref at, metadata.Length);
            metadata.CopyTo(to[at..]);
            at += metadata.Length;
        }

        return at;
    }

    /// <summary>Reads the record at a place and moves the place behind it.</summary>
    /// <exception cref="FormatException">There is no record.</exception>
    public static UsageRecord Read(ReadOnlySpan<byte> from, ref int at, TextCache texts)
    {
        try
        {
            var has = (Has)from[at];
            var timestamp = new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(from[(at + 1)..]), TimeSpan.Zero);
            at += 9;
            return new UsageRecord
            {
                Timestamp = timestamp,
                HasOwnTimestamp = has.HasFlag(Has.OwnTimestamp),
                InBytes = has.HasFlag(Has.Bytes),
                Quantity = ReadDecimal(from, ref at),
                UnitCost = has.HasFlag(Has.UnitCost) ? ReadDecimal(from, ref at) : null,
                CustomerId = texts.Get(ReadBytes(from, ref at)),
                Service = texts.Get(ReadBytes(from, ref at)),
                EventKey = has.HasFlag(Has.EventKey) ? Encoding.UTF8.GetString(ReadBytes(from, ref at)) : null,
                Metadata = has.HasFlag(Has.Metadata) ? Metadata.FromCanonical(ReadBytes(from, ref at)) : Metadata.Empty,
            };
        }
        catch (Exception cause) when (cause is ArgumentException or IndexOutOfRangeException)
        {
            throw new FormatException("There is no record at this place.", cause);
        }
    }

    /// <summary>Looks at the record at a place and moves the place behind it; <see cref="Read"/> can read it then.</summary>
    /// <returns>Whose it is, when it was, and whether it has an event key.</returns>
    /// <exception cref="FormatException">There is no record.</exception>
    public static (string CustomerId, DateTimeOffset Timestamp, bool HasEventKey) Look(ReadOnlySpan<byte> from, ref int at, TextCache texts)
    {
        try
        {
            var has = (Has)from[at];
            var timestamp = new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(from[(at + 1)..]), TimeSpan.Zero);
            at += 9;
            CheckDecimal(from, ref at);
            if (has.HasFlag(Has.UnitCost))
                CheckDecimal(from, ref at);

            string customer = texts.Get(ReadBytes(from, ref at));
            ReadBytes(from, ref at);
            if (has.HasFlag(Has.EventKey))
                ReadBytes(from, ref at);

            if (has.HasFlag(Has.Metadata))
                ReadBytes(from, ref at);

            return (customer, timestamp, has.HasFlag(Has.EventKey));
        }
        catch (Exception cause) when (cause is ArgumentException or IndexOutOfRangeException)
        {
            throw new FormatException("There is no record at this place.", cause);
        }
    }

    private static void WriteDecimal(Span<byte> to, ref int at, decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        foreach (int part in bits)
        {
            BinaryPrimitives.WriteInt32LittleEndian(to[at..], part);
            at += sizeof(int);
        }
    }

    private static decimal ReadDecimal(ReadOnlySpan<byte> from, ref int at)
    {
        Span<int> bits = stackalloc int[4];
        for (int i = 0; i < bits.Length; i++)
            bits[i] = BinaryPrimitives.ReadInt32LittleEndian(from[(at + (i * sizeof(int)))..]);

        at += DecimalSize;
        return new decimal(bits);
    }

    // What the constructor of decimal accepts of the last of the four: a sign and a scale up to 28.
    private static void CheckDecimal(ReadOnlySpan<byte> from, ref int at)
    {
        int flags = BinaryPrimitives.ReadInt32LittleEndian(from[(at + (3 * sizeof(int)))..]);
        if ((flags & 0x7F00_FFFF) != 0 || (flags & 0x00FF_0000) > 28 << 16)
            throw new FormatException("There is no number at this place.");

        at += DecimalSize;
    }

    private static void WriteText(Span<byte> to, ref int at, string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        WriteLength(to, ref at, length);
        at += Encoding.UTF8.GetBytes(text, to[at..]);
    }

    // Seven bits a byte, the lowest first; the top bit says that more follow.
    private static void WriteLength(Span<byte> to, ref int at, int length)
    {
        for (; length >= 0x80; length >>= 7)
            to[at++] = (byte)(length | 0x80);

        to[at++] = (byte)length;
    }

    private static ReadOnlySpan<byte> ReadBytes(ReadOnlySpan<byte> from, ref int at)
    {
        int length = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = from[at++];
            length |= (next & 0x7F) << shift;
            if (next < 0x80)
                break;
        }

        ReadOnlySpan<byte> bytes = from.Slice(at, length);
        at += length;
        return bytes;
    }
}
