using UsageTracking.Metering;

namespace UsageTracking.Stores;

/// <summary>What a meter says.</summary>
public enum ReadingKind
{
    /// <summary>How much is left.</summary>
    Remaining,

    /// <summary>How much there was in all; it counts up.</summary>
    Total,
}

/// <summary>A reading of a meter as a store keeps it, beside what follows from it.</summary>
/// <param name="Meter">The meter's name.</param>
/// <param name="Kind">What it says.</param>
/// <param name="ReadAt">When it was read.</param>
/// <param name="Value">What it said, in the service's unit.</param>
public sealed record StoredReading(string Meter, ReadingKind Kind, DateTimeOffset ReadAt, decimal Value)
{
    /// <summary>The usage that follows from it.</summary>
    public decimal Usage { get; init; }

    /// <summary>By how much it raised what may be used.</summary>
    public decimal Allowance { get; init; }

    /// <summary>The record of the usage; null where there is none.</summary>
    public long? UsageId { get; init; }

    /// <summary>The record of the usage as it is stored.</summary>
    internal UsageRecord ToRecord(string customerId, string service) => new()
    {
        CustomerId = customerId,
        Service = service,
        Quantity = Usage,
        Timestamp = ReadAt,
        Metadata = Metadata.From(new Dictionary<string, object>(StringComparer.Ordinal) { ["meter"] = Meter, ["reading"] = Value }, static _ => null),
    };
}
