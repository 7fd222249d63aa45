using UsageTracking.Metering;
using UsageTracking.Time;

namespace UsageTracking.Stores;

/// <summary>What a line of an invoice is about.</summary>
public enum CostKind
{
    /// <summary>Usage of the range.</summary>
    Usage,

    /// <summary>Usage of a range that was invoiced before, which came or was corrected since.</summary>
    Late,

    /// <summary>What was used of a quota's period above the plan's limit.</summary>
    Overage,
}

/// <summary>One line of an invoice.</summary>
public sealed record InvoiceLine
{
    /// <summary>The customer.</summary>
    public required string CustomerId { get; init; }

    /// <summary>The service.</summary>
    public required string Service { get; init; }

    /// <summary>What it is about.</summary>
    public required CostKind Kind { get; init; }

    /// <summary>The same in words.</summary>
    public required string Description { get; init; }

    /// <summary>How much.</summary>
    public required ExactDecimal Quantity { get; init; }

    /// <summary>The unit of it.</summary>
    public required string Unit { get; init; }

    /// <summary>The price of one unit, or of one package.</summary>
    public required decimal UnitCost { get; init; }

    /// <summary>What reaching the tier costs besides.</summary>
    public decimal FlatFee { get; init; }

    /// <summary>What it costs, exactly; what is kept is rounded.</summary>
    public required ExactDecimal Amount { get; init; }

    /// <summary>Since when.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>Until when, exclusive.</summary>
    public required DateTimeOffset End { get; init; }

    /// <summary>The tier, from 1.</summary>
    public int? Tier { get; init; }

    /// <summary>The price; null for what keeps the price it was stamped with, and for overage.</summary>
    public long? PriceId { get; init; }

    /// <summary>The period in which the tiers are counted: the range of the invoice that the usage belongs to, or the quota's period.</summary>
    public required TimeRange Period { get; init; }
}
