using UsageTracking.Metering;

namespace UsageTracking.Files.Import;

/// <summary>The records of a file with a JSON object a line.</summary>
internal sealed class NdjsonRows(SourceFile source, ColumnMap map) : RowReader(source, map)
{
    private readonly Lines _lines = new(source.Content);
    private readonly JsonObjectReader _object = new(map);

    /// <inheritdoc/>
    public override long Line => _lines.Number;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Raw => _lines.Current;

    /// <inheritdoc/>
    public override bool IsExport => _object.IsExport;

    /// <inheritdoc/>
    public override bool Read() => _lines.Read();

    /// <inheritdoc/>
    public override void Put(RecordInput record) => _object.Put(Raw, record);

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, object?>> ReadValues() => JsonObjectReader.ReadValues(Raw);
}
