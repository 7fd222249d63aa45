using UsageTracking.Metering;

namespace UsageTracking.Files.Import;

/// <summary>The records of a file with a JSON object a line.</summary>
internal sealed class NdjsonRows : RowReader
{
    private readonly ByteWindow _window;
    private readonly JsonObjectReader _object;
    private int _length;
    private int _next;

    public NdjsonRows(SourceFile source, ColumnMap map)
        : base(source, map)
    {
        _window = new ByteWindow(source.Content);
        _object = new JsonObjectReader(map);
    }

    /// <inheritdoc/>
    public override long Line => _window.Line;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Raw => _window.Bytes[.._length].TrimEnd((byte)'\r');

    /// <inheritdoc/>
    public override bool IsExport => _object.IsExport;

    /// <inheritdoc/>
    public override bool Read()
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

    /// <inheritdoc/>
    public override void Put(RecordInput record) => _object.Put(Raw, record);

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, object?>> ReadValues() => JsonObjectReader.ReadValues(Raw);

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
