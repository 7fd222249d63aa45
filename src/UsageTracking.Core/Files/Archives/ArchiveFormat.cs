namespace UsageTracking.Files.Archives;

/// <summary>The kinds of archive; the file's name says which, and with .gz at its end that it is packed.</summary>
public enum ArchiveFormat
{
    /// <summary>Comma-separated values with a header.</summary>
    Csv,

    /// <summary>A JSON object a line.</summary>
    Ndjson,
}
