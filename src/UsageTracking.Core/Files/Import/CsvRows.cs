using CsvHelper;
using UsageTracking.Metering;

namespace UsageTracking.Files.Import;

/// <summary>The records of a CSV file.</summary>
internal sealed class CsvRows : RowReader
{
    // Metadata has 64 KiB at most, each of whose quotes may be doubled; a quote that is never closed must not fill the memory.
    private const int LargestRecord = 1024 * 1024;

    private readonly CsvReader _csv;
    private readonly byte[] _header;
    private readonly string[] _columns;
    private readonly (int Column, RecordField Field)[] _fields;
    private CsvMalformedReason? _problem;

    public CsvRows(SourceFile source, ColumnMap map)
        : base(source, map)
    {
        _csv = CsvReader.Create(source.Content, new CsvReaderOptions
        {
            Separator = ',',
            // The header is a record like any other, so that its text can be kept.
            HasHeader = false,
            TrackLineNumbers = true,
            MaxRecordSize = LargestRecord,
            OnMalformedRecord = record => _problem = record.Reason,
        });

        // A file with nothing in it has no records, and no header either.
        if (!Read())
        {
            (_header, _columns, _fields) = ([], [], []);
            return;
        }

        _header = _csv.RawRecord.ToArray();
        _columns = [.. Enumerable.Range(0, _csv.FieldCount).Select(i => FieldText.Text(_csv.GetSpan(i)).Trim())];
        _fields = [.. _columns.SelectMany((name, i) => map[name].Select(field => (i, field)))];
        map.Check(_fields.Aggregate(0, (set, f) => set | ColumnMap.SetOf(f.Field)), _columns);
        if (_fields.GroupBy(f => f.Field).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw UsageException.Invalid("AmbiguousColumn",
                $"More than one column gives the {twice.Key}: {string.Join(", ", twice.Select(f => _columns[f.Column]))}. Say which with -Map.");
        }

        IsExport = ColumnMap.IsExport(_columns);
    }

    /// <inheritdoc/>
    public override long Line => _csv.LineNumber;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Raw => _csv.RawRecord;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Header => _header;

    /// <inheritdoc/>
    public override bool IsExport { get; }

    /// <inheritdoc/>
    public override bool Read()
    {
        _problem = null;
        try
        {
            return _csv.Read();
        }
        catch (CsvFormatException error)
        {
            throw InvalidFile(error.LineNumber, "a record is longer than 1 MiB. Is a quote never closed?", error);
        }
    }

    /// <inheritdoc/>
    public override void Put(RecordInput record)
    {
        Check();
        foreach ((int column, RecordField field) in _fields)
            FieldText.Put(record, field, _csv.GetSpan(column));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, object?>> ReadValues()
    {
        Check();
        return [.. _columns.Select((name, i) => new KeyValuePair<string, object?>(name, FieldText.Text(_csv.GetSpan(i))))];
    }

    private protected override void OnDispose() => _csv.Dispose();

    private void Check()
    {
        // A quote within an unquoted value does no harm.
        if (_problem is CsvMalformedReason.TextAfterClosingQuote)
            throw InvalidLine("There is text after a closing quote. A quote within a quoted value is written twice.");
        if (_problem is CsvMalformedReason.UnterminatedQuote)
            throw InvalidLine("A quote is never closed; all that follows it belongs to this line.");

        // Too few would pass for values left out, and too many come from commas that should have been quoted.
        if (_csv.FieldCount != _columns.Length)
        {
            throw InvalidLine(
                $"The line has {Wording.Count(_csv.FieldCount, "value")}, the header {_columns.Length}. Quote a value that holds a comma.");
        }
    }
}
