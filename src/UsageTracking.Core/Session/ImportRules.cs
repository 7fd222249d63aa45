using UsageTracking.Files.Import;
using UsageTracking.Metering;

namespace UsageTracking.Session;

/// <summary>How the records of an import are read.</summary>
public sealed record ImportRules
{
    /// <summary>Which column gives what.</summary>
    public required ColumnMap Map { get; init; }

    /// <summary>Whose usage it is where neither the record nor its file says so.</summary>
    public required string DefaultCustomerId { get; init; }

    /// <summary>The zone of clock times without an offset, except in exports, where they are UTC.</summary>
    public required TimeZoneInfo DefaultZone { get; init; }

    /// <summary>The zone of clock times without an offset, in whatever file.</summary>
    public TimeZoneInfo? Zone { get; init; }

    /// <summary>Whose usage it is, whatever the records say.</summary>
    public string? CustomerId { get; init; }

    /// <summary>The service, whatever the records say.</summary>
    public string? Service { get; init; }

    /// <summary>Works out what no column gives.</summary>
    public Action<RowReader, RecordInput>? Compute { get; init; }
}
