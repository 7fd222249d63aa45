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

    /// <summary>How it was understood.</summary>
    public required ReadingInterpretation Interpretation { get; init; }

    /// <summary>What the meter said before; null where that did not matter.</summary>
    public required decimal? Previous { get; init; }
}
