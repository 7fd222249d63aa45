namespace UsageTracking.Files.Import;

/// <summary>The lines of a stream, one after the other, without those that are blank.</summary>
internal sealed class Lines(Stream stream)
{
    private readonly ByteWindow _window = new(stream);
    private int _length;
    private int _next;

    /// <summary>The number of the line.</summary>
    public long Number => _window.Line;

    /// <summary>The line without its end, in UTF-8. Valid until the next one is read.</summary>
    public ReadOnlySpan<byte> Current => _window.Bytes[.._length].TrimEnd((byte)'\r');

    /// <summary>Moves to the next line.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="UsageException"><c>InvalidFile</c>: a line would fill the memory.</exception>
    public bool Read()
    {
        do
        {
            _window.Skip(_next);
            _length = FindEnd();
            _next = Math.Min(_length + 1, _window.Bytes.Length);
            if (_next == 0)
                return false;
        }
        while (_window.Bytes[.._length].IndexOfAnyExcept(" \t\r"u8) < 0);

        return true;
    }

    private int FindEnd()
    {
        int from = 0;
        while (true)
        {
            int at = _window.Bytes[from..].IndexOf((byte)'\n');
            if (at >= 0)
                return from + at;

            from = _window.Bytes.Length;
            if (!_window.Fill())
                return from;
        }
    }
}
