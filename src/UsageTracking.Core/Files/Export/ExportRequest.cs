using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Files.Export;

/// <summary>What is to be exported, and how.</summary>
public sealed record ExportRequest
{
    /// <summary>The kind of file.</summary>
    public required ExportFormat Format { get; init; }

    /// <summary>Whose records, of which services.</summary>
    public required UsageFilter Filter { get; init; }

    /// <summary>The time.</summary>
    public required TimeRange Range { get; init; }

    /// <summary>Whether records also say whose they are, their event key and their id.</summary>
    public bool Full { get; init; }

    /// <summary>The zone whose clocks timestamps show, with their offset; null for UTC.</summary>
    public TimeZoneInfo? Zone { get; init; }

    /// <summary>The services in the order in which a summary lists them.</summary>
    public IReadOnlyList<string> ServiceOrder { get; init; } = [];

    /// <summary>When the export was asked for.</summary>
    public DateTimeOffset Now { get; init; } = DateTimeOffset.UtcNow;

    /// <summary>Whether the file is about one customer, whom it need not name with every record.</summary>
    internal bool IsOfOneCustomer => Filter.CustomerIds is { Count: 1 };

    /// <summary>The format asked for, else the one that the path's extension says, else CSV.</summary>
    /// <exception cref="UsageException"><c>UnknownFormat</c>: the extension is that of another kind of file.</exception>
    public static ExportFormat FormatOf(ExportFormat? asked, string? path) => asked ?? Path.GetExtension(path)?.ToLowerInvariant() switch
    {
        ".csv" or "" or null => ExportFormat.Csv,
        ".json" => ExportFormat.Json,
        ".ndjson" or ".jsonl" => ExportFormat.Ndjson,
        ".xlsx" => ExportFormat.Xlsx,
        _ => throw UsageException.Invalid(
            "UnknownFormat", $"'{path}' says no format that records are exported to. Let it end in .csv, .json, .ndjson, .jsonl or .xlsx, or give -Format.", path),
    };

    /// <summary>The name of a file for which none was given.</summary>
    public static string DefaultName(ExportFormat format, DateTimeOffset now) =>
        FormattableString.Invariant($"usage_{now:yyyyMMdd_HHmmss}.{format.ToString().ToLowerInvariant()}");
}
