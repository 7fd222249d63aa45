using UsageTracking.Metering;
using UsageTracking.Stores;

namespace UsageTracking.Readings;

/// <summary>A reading of a meter, and what followed from it.</summary>
public sealed record UsageReading
{
    /// <summary>The customer.</summary>
    public required string CustomerId { get; init; }

    /// <summary>The service.</summary>
    public required string Service { get; init; }

    /// <summary>The meter's name.</summary>
    public required string Meter { get; init; }

    /// <summary>When it was read.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>What the meter says: what is left, or the total.</summary>
    public required ReadingKind Kind { get; init; }

    /// <summary>What it said, in <see cref="Unit"/>.</summary>
    public required decimal Value { get; init; }

    /// <summary>The service's unit.</summary>
    public required string Unit { get; init; }

    /// <summary>The usage that was recorded for it.</summary>
    public required decimal Usage { get; init; }

    /// <summary>By how much it raised what may be used.</summary>
    public required decimal Allowance { get; init; }

    /// <summary>How it was understood when it was recorded; null where it was read from the store, which does not keep that.</summary>
    public ReadingInterpretation? Interpretation { get; init; }

    /// <summary>What the meter said before, when it was recorded; null where that did not matter.</summary>
    public decimal? Previous { get; init; }

    internal static UsageReading From(string customerId, Service service, StoredReading reading) => new()
    {
        CustomerId = customerId,
        Service = service.Name,
        Meter = reading.Meter,
        Timestamp = reading.ReadAt,
        Kind = reading.Kind,
        Value = reading.Value,
        Unit = service.Unit,
        Usage = reading.Usage,
        Allowance = reading.Allowance,
    };
}
