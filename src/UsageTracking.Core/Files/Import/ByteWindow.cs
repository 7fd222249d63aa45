namespace UsageTracking.Files.Import;

/// <summary>The part of a stream that is being looked at, as bytes: it moves on, and grows only as far as one record needs.</summary>
internal sealed class ByteWindow
{
    private const int LargestRecord = 16 * 1024 * 1024;

    private readonly Stream _stream;
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    public ByteWindow(Stream stream)
    {
        _stream = stream;
        while (Bytes.Length < Bom.Length && Fill())
        {
            // A few bytes tell.
        }

        if (Bytes.StartsWith(Bom))
            _start += Bom.Length;
    }

    private static ReadOnlySpan<byte> Bom => [0xEF, 0xBB, 0xBF];

    /// <summary>The line of the first byte.</summary>
    public long Line { get; private set; } = 1;

    /// <summary>What is seen.</summary>
    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Shows more.</summary>
    /// <returns>False where there is no more.</returns>
    /// <exception cref="UsageException"><c>InvalidFile</c>: one record would fill the memory.</exception>
    public bool Fill()
    {
        if (_end == _buffer.Length)
        {
            if (Bytes.Length > LargestRecord)
                throw UsageException.Invalid("InvalidFile", FormattableString.Invariant($"Line {Line}: a record is longer than 16 MiB. Is it really in this format?"));

            byte[] target = Bytes.Length > _buffer.Length / 2 ? new byte[2 * _buffer.Length] : _buffer;
            Bytes.CopyTo(target);
            (_end, _start, _buffer) = (Bytes.Length, 0, target);
        }

        int read = _stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        return read > 0;
    }

    /// <summary>Moves on.</summary>
    public void Skip(int count)
    {
        Line += Bytes[..count].Count((byte)'\n');
        _start += count;
    }

    /// <summary>Moves on to the next byte that is no white space.</summary>
    /// <returns>The byte; -1 at the end.</returns>
    public int SkipSpace()
    {
        do
        {
            int at = Bytes.IndexOfAnyExcept(" \t\r\n"u8);
            Skip(at < 0 ? Bytes.Length : at);
            if (at >= 0)
                return Bytes[0];
        }
        while (Fill());

        return -1;
    }
}
