namespace UsageTracking.Files.Import;

/// <summary>How the records of a file are written.</summary>
public enum ImportFormat
{
    /// <summary>A header line, then a record a line; a quoted value may hold line breaks.</summary>
    Csv,

    /// <summary>An array of objects, or the document that the JSON export writes.</summary>
    Json,

    /// <summary>An object a line.</summary>
    Ndjson,
}
