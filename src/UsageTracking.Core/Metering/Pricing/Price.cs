namespace UsageTracking.Metering.Pricing;

/// <summary>One price of a service: for one customer, for the customers of one plan, or for everybody.</summary>
/// <param name="Service">The service's name.</param>
/// <param name="CustomerId">The customer it is for; null for all.</param>
/// <param name="PlanName">The plan it is for; null for all.</param>
/// <param name="InForceFrom">Its first day, in UTC.</param>
/// <param name="UnitCost">The price of one unit, of the first unit where there are tiers, or of one package.</param>
public sealed record Price(string Service, string? CustomerId, string? PlanName, DateOnly InForceFrom, decimal UnitCost)
{
    /// <summary>The store's number for it.</summary>
    public long Id { get; init; }

    /// <summary>How a quantity becomes an amount.</summary>
    public PriceModel Model { get; init; }

    /// <summary>The tiers of a graduated or volume price.</summary>
    public PriceTiers Tiers { get; init; } = PriceTiers.None;

    /// <summary>The units in one package of a package price.</summary>
    public decimal? PackageSize { get; init; }

    /// <summary>Since when the store knows it; what it received before keeps the price it got then.</summary>
    public DateTimeOffset SetAt { get; init; }

    /// <summary>When it was removed, or replaced by another of the same day; null where it stands.</summary>
    public DateTimeOffset? RemovedAt { get; init; }

    /// <summary>
    /// What a record is stamped with. What came before and will come after it in its period is not known then: it is the
    /// price of the first unit, and of a full package its part.
    /// </summary>
    public decimal StampedCost => PackageSize is { } size ? ((ExactDecimal)UnitCost).DivideBy(size).Round(Quantity.UnitCostDecimals).ToReported() : UnitCost;

    /// <summary>Whether it was known when a record was received.</summary>
    public bool IsKnownAt(DateTimeOffset receivedAt) => SetAt <= receivedAt && !(RemovedAt <= receivedAt);
}
