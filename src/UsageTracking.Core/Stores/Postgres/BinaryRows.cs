using System.Buffers.Binary;
using System.Text;
using Npgsql;

namespace UsageTracking.Stores.Postgres;

/// <summary>
/// Rows on their way into a table in the binary format of COPY (PostgreSQL documentation, COPY, "Binary Format"; of numeric:
/// numeric_send). They are encoded here, because a call of the driver for each value costs several times what the value does.
/// </summary>
internal sealed class BinaryRows : IDisposable
{
    private const int Enough = 64 * 1024;
    private const short NumericNegative = 0x4000;

    private static readonly byte[] Header = [.. "PGCOPY\n"u8, 0xFF, .. "\r\n\0"u8, 0, 0, 0, 0, 0, 0, 0, 0];
    private static readonly long Epoch = new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    private readonly NpgsqlRawCopyStream _stream;
    private byte[] _buffer = new byte[Enough + 4096];
    private int _length;
    private bool _isComplete;

    private BinaryRows(NpgsqlRawCopyStream stream)
    {
        _stream = stream;
        Header.CopyTo(_buffer, 0);
        _length = Header.Length;
    }

    /// <summary>Begins a <c>COPY ... FROM STDIN (FORMAT BINARY)</c>.</summary>
    public static BinaryRows Begin(NpgsqlConnection connection, string sql) => new(connection.BeginRawBinaryCopy(sql));

    public void StartRow(int columns)
    {
        if (_length >= Enough)
            Send();

        BinaryPrimitives.WriteInt16BigEndian(Take(2), (short)columns);
    }

    public void WriteNull() => BinaryPrimitives.WriteInt32BigEndian(Take(4), -1);

    public void Write(bool value) => Value(1)[0] = value ? (byte)1 : (byte)0;

    public void Write(long value) => BinaryPrimitives.WriteInt64BigEndian(Value(8), value);

    /// <summary>A timestamptz: microseconds since 2000.</summary>
    public void Write(DateTimeOffset value) =>
        BinaryPrimitives.WriteInt64BigEndian(Value(8), (value.UtcTicks - Epoch) / TimeSpan.TicksPerMicrosecond);

    public void Write(string text)
    {
        Span<byte> value = Reserve(4 + Encoding.UTF8.GetMaxByteCount(text.Length));
        int bytes = Encoding.UTF8.GetBytes(text, value[4..]);
        BinaryPrimitives.WriteInt32BigEndian(value, bytes);
        _length += 4 + bytes;
    }

    /// <summary>A jsonb: its version, then its text.</summary>
    public void WriteJson(ReadOnlySpan<byte> utf8)
    {
        Span<byte> value = Value(1 + utf8.Length);
        value[0] = 1;
        utf8.CopyTo(value[1..]);
    }

    /// <summary>A numeric: groups of four digits, the first one's weight as a power of 10,000, the sign, and the decimals to show.</summary>
    public void Write(decimal number)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(number, parts);
        int scale = (parts[3] >> 16) & 0xFF;
        int padding = (4 - (scale % 4)) % 4;
        var rest = new UInt128((uint)parts[2], ((ulong)(uint)parts[1] << 32) | (uint)parts[0]);
        // Groups begin at the decimal point.
        rest *= padding switch { 0 => 1u, 1 => 10u, 2 => 100u, _ => 1000u };

        // From the last group to the first; zeros at the end are left out.
        Span<short> groups = stackalloc short[9];
        int count = 0;
        int weight = -1 - ((scale + padding) / 4);
        while (rest != 0)
        {
            short group;
            if (rest <= ulong.MaxValue)
            {
                (ulong quotient, ulong remainder) = Math.DivRem((ulong)rest, 10_000ul);
                (rest, group) = (quotient, (short)remainder);
            }
            else
            {
                (UInt128 quotient, UInt128 remainder) = UInt128.DivRem(rest, 10_000u);
                (rest, group) = (quotient, (short)remainder);
            }

            weight++;
            if (count > 0 || group != 0)
                groups[count++] = group;
        }

        Span<byte> value = Value(8 + (2 * count));
        BinaryPrimitives.WriteInt16BigEndian(value, (short)count);
        BinaryPrimitives.WriteInt16BigEndian(value[2..], (short)(count == 0 ? 0 : weight));
        BinaryPrimitives.WriteInt16BigEndian(value[4..], number < 0 ? NumericNegative : (short)0);
        BinaryPrimitives.WriteInt16BigEndian(value[6..], (short)scale);
        for (int i = 0; i < count; i++)
            BinaryPrimitives.WriteInt16BigEndian(value[(8 + (2 * i))..], groups[count - 1 - i]);
    }

    /// <summary>Sends the last of them; the server has taken all when it returns.</summary>
    public void Complete()
    {
        BinaryPrimitives.WriteInt16BigEndian(Take(2), -1);
        Send();
        _isComplete = true;
        _stream.Dispose();
    }

    /// <summary>Takes back what was not completed.</summary>
    public void Dispose()
    {
        if (_isComplete)
            return;

        _stream.Cancel();
        _stream.Dispose();
    }

    /// <summary>Sends what there is so far.</summary>
    public void Send()
    {
        _stream.Write(_buffer, 0, _length);
        _length = 0;
    }

    /// <summary>Room for a value, whose length is written before it.</summary>
    private Span<byte> Value(int length)
    {
        Span<byte> value = Take(4 + length);
        BinaryPrimitives.WriteInt32BigEndian(value, length);
        return value[4..];
    }

    private Span<byte> Take(int length)
    {
        Span<byte> taken = Reserve(length)[..length];
        _length += length;
        return taken;
    }

    private Span<byte> Reserve(int length)
    {
        if (_buffer.Length - _length < length)
            Array.Resize(ref _buffer, Math.Max(2 * _buffer.Length, _length + length));

        return _buffer.AsSpan(_length);
    }
}
