using UsageTracking.Metering;

namespace UsageTracking.Files.Import;

/// <summary>Reads the records of a file one after the other; memory does not grow with them.</summary>
public abstract class RowReader : IDisposable
{
    private readonly SourceFile _source;

    private protected RowReader(SourceFile source, ColumnMap map)
    {
        _source = source;
        Map = map;
    }

    /// <summary>The line the record begins in.</summary>
    public abstract long Line { get; }

    /// <summary>The record as it stands in the file, in UTF-8, without the line break after it. Valid until the next one is read.</summary>
    public abstract ReadOnlySpan<byte> Raw { get; }

    /// <summary>The record as it can be kept in a file of its own, a line for each.</summary>
    public virtual ReadOnlySpan<byte> RawForRejects => Raw;

    /// <summary>The header as it stands in the file; empty where the format has none.</summary>
    public virtual ReadOnlySpan<byte> Header => default;

    /// <summary>Whether the record has the form of an export of this module, where clock times are UTC.</summary>
    public abstract bool IsExport { get; }

    /// <summary>The customer that the file names for all of its records, outside of them.</summary>
    public virtual string? CustomerId => null;

    /// <summary>Bytes of the file that were read.</summary>
    public long Position => _source.Position;

    /// <summary>Bytes the file has.</summary>
    public long Length => _source.Length;

    private protected ColumnMap Map { get; }

    /// <summary>Opens a file.</summary>
    /// <exception cref="UsageException"><c>FileNotFound</c>, <c>FileNotRead</c>, <c>ColumnNotFound</c> or <c>InvalidFile</c>.</exception>
    public static RowReader Open(string path, ImportFormat format, ColumnMap map)
    {
        SourceFile source = SourceFile.Open(path);
        try
        {
            return format switch
            {
                ImportFormat.Csv => new CsvRows(source, map),
                ImportFormat.Ndjson => new NdjsonRows(source, map),
                _ => new JsonRows(source, map, path),
            };
        }
        catch (Exception error)
        {
            source.Dispose();
            if (error is IOException or InvalidDataException or UnauthorizedAccessException)
                throw SourceFile.NotRead(path, error);

            throw;
        }
    }

    /// <summary>Moves to the next record.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="UsageException"><c>InvalidFile</c>: what follows cannot be told apart.</exception>
    public abstract bool Read();

    /// <summary>Puts the values of the record into an input; what has no column stays.</summary>
    /// <exception cref="UsageException">The record cannot be read, or a value is unusable. The next one can be read all the same.</exception>
    public abstract void Put(RecordInput record);

    /// <summary>All values by the names of their columns: texts, or parsed JSON.</summary>
    /// <exception cref="UsageException"><c>InvalidLine</c>.</exception>
    public abstract IReadOnlyList<KeyValuePair<string, object?>> ReadValues();

    /// <inheritdoc/>
    public void Dispose()
    {
        OnDispose();
        _source.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected virtual void OnDispose()
    {
    }

    private protected static UsageException InvalidLine(string message, Exception? cause = null) =>
        UsageException.Invalid("InvalidLine", message, null, cause);

    private protected static UsageException InvalidFile(long line, string message, Exception? cause = null) =>
        UsageException.Invalid("InvalidFile", FormattableString.Invariant($"Line {line}: {message}"), null, cause);
}
