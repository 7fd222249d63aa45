namespace UsageTracking.Metering;

/// <summary>One metered event on its way into a store. Immutable; its values have been checked.</summary>
public sealed record UsageRecord
{
    /// <summary>Whose usage it is.</summary>
    public required string CustomerId { get; init; }

    /// <summary>The service used.</summary>
    public required string Service { get; init; }

    /// <summary>How much was used, in the service's unit, or in bytes while <see cref="InBytes"/> is set.</summary>
    public required decimal Quantity { get; init; }

    /// <summary>When, in UTC and whole microseconds.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>What else is known about the event.</summary>
    public Metadata Metadata { get; init; } = Metadata.Empty;

    /// <summary>The price per unit, where the caller gave one; else it is stamped from the price list.</summary>
    public decimal? UnitCost { get; init; }

    /// <summary>The caller's key for this event: the same key again, for the same customer, is the same event.</summary>
    public string? EventKey { get; init; }

    /// <summary>Whether the caller gave the timestamp; one taken from the clock does not count when event keys are compared.</summary>
    public bool HasOwnTimestamp { get; init; }

    /// <summary>Whether the quantity is bytes (or byte-hours), still to be divided by the store's bytes per GB.</summary>
    public bool InBytes { get; init; }
}
