namespace UsageTracking.Files.Export;

/// <summary>The kinds of file that records are exported to.</summary>
public enum ExportFormat
{
    /// <summary>Comma-separated values with a header.</summary>
    Csv,

    /// <summary>One JSON document with a summary.</summary>
    Json,

    /// <summary>A JSON object a line.</summary>
    Ndjson,

    /// <summary>A workbook with a summary and the records.</summary>
    Xlsx,
}
