using System.Text.Json;
using UsageTracking.Metering;

namespace UsageTracking.Files.Import;

/// <summary>The records of a JSON array, or of the array usage_records in the document that the export writes.</summary>
internal sealed class JsonRows : RowReader
{
    private readonly ByteWindow _window;
    private readonly JsonObjectReader _object;
    private readonly bool _isDocument;
    private string? _customerId;
    private bool _isFirst = true;
    private bool _isOpen;
    private int _length;

    public JsonRows(SourceFile source, ColumnMap map, string path)
        : base(source, map)
    {
        _window = new ByteWindow(source.Content);
        _object = new JsonObjectReader(map);
        switch (_window.SkipSpace())
        {
            case '[':
                _window.Skip(1);
                _isOpen = true;
                break;
            case '{':
                _window.Skip(1);
                _isDocument = true;
                _isOpen = FindRecords();
                if (!_isOpen)
                    throw InvalidFile(1, "There is an object without usage_records. Give an array of records, or -Format Ndjson where there is an object a line.");

                // It may stand behind the records, which are not kept until it is found.
                _customerId ??= FindCustomer(path);
                break;
            case -1:
                break;
            default:
                throw InvalidFile(_window.Line, "A JSON file of records begins with [ or {.");
        }
    }

    private JsonRows(SourceFile source)
        : base(source, ColumnMap.Known)
    {
        _window = new ByteWindow(source.Content);
        _object = new JsonObjectReader(ColumnMap.Known);
        _isDocument = true;
        _window.SkipSpace();
        _window.Skip(1);
    }

    /// <inheritdoc/>
    public override long Line => _window.Line;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Raw => _window.Bytes[.._length];

    /// <summary>On one line, and with the document's customer, who would be lost with the document.</summary>
    public override ReadOnlySpan<byte> RawForRejects
    {
        get
        {
            byte[] raw = Raw.ToArray();
            // There are no line breaks within JSON texts.
            raw.AsSpan().Replace((byte)'\n', (byte)' ');
            raw.AsSpan().Replace((byte)'\r', (byte)' ');
            return _customerId is null || raw[0] != '{'
                ? raw
                : [.. "{\"customer_id\":"u8, .. JsonSerializer.SerializeToUtf8Bytes(_customerId), .. ","u8, .. raw[1..]];
        }
    }

    /// <inheritdoc/>
    public override bool IsExport => _object.IsExport;

    /// <inheritdoc/>
    public override string? CustomerId => _customerId;

    /// <inheritdoc/>
    public override bool Read()
    {
        _window.Skip(_length);
        _length = 0;
        if (!_isOpen)
            return false;

        int next = _window.SkipSpace();
        if (next == ',' && !_isFirst)
        {
            _window.Skip(1);
            next = _window.SkipSpace();
        }
        else if (next != ']' && !_isFirst)
        {
            throw InvalidFile(_window.Line, "After a record a comma or ] was expected.");
        }

        if (next == ']')
        {
            Close();
            return false;
        }

        if (next is -1 or ',' or '}' or ':')
            throw InvalidFile(_window.Line, next == -1 ? "The file ends before its ]. It is not complete." : "A record was expected.");

        _length = JsonScanner.FindEnd(_window);
        _isFirst = false;
        return true;
    }

    /// <inheritdoc/>
    public override void Put(RecordInput record)
    {
        _object.Put(Raw, record);
        if (!_object.HasCustomer && Map.Reads(RecordField.CustomerId))
            record.CustomerId ??= _customerId;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, object?>> ReadValues() => JsonObjectReader.ReadValues(Raw);

    private void Close()
    {
        _isOpen = false;
        _window.Skip(1);
        if (_isDocument && FindRecords())
            throw InvalidFile(_window.Line, "There are usage_records a second time.");

        if (_window.SkipSpace() != -1)
            throw InvalidFile(_window.Line, "There is more after the end.");
    }

    private static string? FindCustomer(string path)
    {
        using SourceFile again = SourceFile.Open(path);
        using var other = new JsonRows(again);
        other._isOpen = other.FindRecords();
        while (other.Read())
        {
            // What the records say is not asked yet.
        }

        return other._customerId;
    }

    // Moves through the document's keys until the records begin.
    private bool FindRecords()
    {
        while (true)
        {
            int next = _window.SkipSpace();
            if (next == ',')
            {
                _window.Skip(1);
                continue;
            }

            if (next == '}')
            {
                _window.Skip(1);
                return false;
            }

            if (next != '"')
                throw InvalidFile(_window.Line, next == -1 ? "The file ends before its }. It is not complete." : "A key was expected.");

            string? key = ReadText();
            if (_window.SkipSpace() != ':')
                throw InvalidFile(_window.Line, $"A colon was expected after \"{key}\".");

            _window.Skip(1);
            next = _window.SkipSpace();
            if (key == "usage_records" && next == '[')
            {
                _window.Skip(1);
                return true;
            }

            if (key == "customer_id" && next == '"')
                _customerId = ReadText();
            else if (next != -1)
                _window.Skip(JsonScanner.FindEnd(_window));
        }
    }

    private string? ReadText()
    {
        int length = JsonScanner.FindEnd(_window);
        try
        {
            string? text = JsonSerializer.Deserialize<string>(_window.Bytes[..length]);
            _window.Skip(length);
            return text;
        }
        catch (JsonException error)
        {
            throw InvalidFile(_window.Line, error.Message, error);
        }
    }
}
