using System.Text.Json;
using UsageTracking.Metering;

namespace UsageTracking.Files.Import;

/// <summary>Reads the values of a record from a JSON object, token by token.</summary>
internal sealed class JsonObjectReader(ColumnMap map)
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 64 };

    // Objects of one file nearly always have the same keys in the same order.
    private readonly List<Column> _columns = [];

    /// <summary>Whether the last object has the keys of an export.</summary>
    public bool IsExport { get; private set; }

    /// <summary>Whether the last object names its customer.</summary>
    public bool HasCustomer { get; private set; }

    /// <summary>Puts the values of an object into a record.</summary>
    /// <exception cref="UsageException"><c>InvalidLine</c>, <c>ColumnNotFound</c>, or a value is unusable.</exception>
    public void Put(ReadOnlySpan<byte> json, RecordInput record)
    {
        try
        {
            PutValues(json, record);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // Text with half of a surrogate pair is the invalid operation.
            throw UsageException.Invalid("InvalidLine", $"This is no valid JSON object: {error.Message}", null, error);
        }
    }

    /// <summary>All values of an object.</summary>
    /// <exception cref="UsageException"><c>InvalidLine</c>.</exception>
    public static IReadOnlyList<KeyValuePair<string, object?>> ReadValues(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, Options);
            JsonElement element = JsonElement.ParseValue(ref reader);
            return element.ValueKind == JsonValueKind.Object
                ? [.. element.EnumerateObject().Select(p => new KeyValuePair<string, object?>(p.Name, p.Value))]
                : throw NoObject();
        }
        catch (JsonException error)
        {
            throw UsageException.Invalid("InvalidLine", $"This is no valid JSON object: {error.Message}", null, error);
        }
    }

    private static UsageException NoObject() => UsageException.Invalid("InvalidLine", "This is no JSON object. A record looks like {\"service\":\"api\",\"quantity\":1}.");

    private void PutValues(ReadOnlySpan<byte> json, RecordInput record)
    {
        var reader = new Utf8JsonReader(json, Options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw NoObject();

        int seen = 0, exportColumns = 0, count = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            Column column = ColumnAt(count++, ref reader);
            exportColumns += column.IsOfExport ? 1 : 0;
            reader.Read();
            if (column.Fields.Count == 0)
            {
                reader.Skip();
                continue;
            }

            foreach (RecordField field in column.Fields)
            {
                Utf8JsonReader value = reader;
                Put(json, ref value, record, field);
                seen |= ColumnMap.SetOf(field);
            }

            reader.Skip();
        }

        // Whatever follows is an error.
        reader.Read();
        if (_columns.Count > count)
            _columns.RemoveRange(count, _columns.Count - count);

        IsExport = exportColumns == ColumnMap.ExportColumnCount;
        HasCustomer = (seen & ColumnMap.SetOf(RecordField.CustomerId)) != 0;
        map.Check(seen, _columns.Select(c => c.Name));
    }

    private static void Put(ReadOnlySpan<byte> json, ref Utf8JsonReader value, RecordInput record, RecordField field)
    {
        switch (value.TokenType)
        {
            case JsonTokenType.Null:
                FieldText.PutNull(record, field);
                break;
            case JsonTokenType.String when value.ValueIsEscaped:
                byte[] text = new byte[value.ValueSpan.Length];
                FieldText.Put(record, field, text.AsSpan(0, value.CopyString(text)));
                break;
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                int start = (int)value.TokenStartIndex;
                value.Skip();
                FieldText.Put(record, field, json[start..(int)value.BytesConsumed]);
                break;
            default:
                FieldText.Put(record, field, value.ValueSpan);
                break;
        }
    }

    private Column ColumnAt(int index, ref Utf8JsonReader reader)
    {
        if (index < _columns.Count && reader.ValueTextEquals(_columns[index].Name))
            return _columns[index];

        string name = reader.GetString()!;
        var column = new Column(name, map[name], ColumnMap.IsOfExport(name));
        if (index < _columns.Count)
            _columns[index] = column;
        else
            _columns.Add(column);

        return column;
    }

    private sealed record Column(string Name, IReadOnlyList<RecordField> Fields, bool IsOfExport);
}
