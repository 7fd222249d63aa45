using UsageTracking.Stores;

namespace UsageTracking.Reports;

/// <summary>One line of an invoice, saved or not.</summary>
public sealed record UsageCost
{
    /// <summary>The customer.</summary>
    public required string CustomerId { get; init; }

    /// <summary>The service.</summary>
    public required string Service { get; init; }

    /// <summary>Usage of the range, usage that came late to a range invoiced before, or overage.</summary>
    public required CostKind Kind { get; init; }

    /// <summary>The tier, packages or limit in words.</summary>
    public required string Description { get; init; }

    /// <summary>How much, in <see cref="Unit"/>.</summary>
    public required decimal Quantity { get; init; }

    /// <summary>The unit of it.</summary>
    public required string Unit { get; init; }

    /// <summary>The price of one unit, or of one package.</summary>
    public required decimal UnitCost { get; init; }

    /// <summary>What it costs.</summary>
    public required decimal Amount { get; init; }

    /// <summary>Since when this price applies to it.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>Until when, exclusive.</summary>
    public required DateTimeOffset End { get; init; }

    /// <summary>The tier, from 1; null where there are none.</summary>
    public required int? Tier { get; init; }

    /// <summary>What reaching the tier costs besides; it is in the amount.</summary>
    public required decimal FlatFee { get; init; }

    /// <summary>The invoice it is on; null where it is on none yet.</summary>
    public required string? InvoiceId { get; init; }

    internal static UsageCost Of(InvoiceLine line, string? invoiceId, TimeZoneInfo zone) => new()
    {
        CustomerId = line.CustomerId,
        Service = line.Service,
        Kind = line.Kind,
        Description = line.Description,
        Quantity = line.Quantity.ToReported(),
        Unit = line.Unit,
        UnitCost = line.UnitCost,
        Amount = line.Amount.ToReported(),
        Start = TimeZoneInfo.ConvertTime(line.Start, zone),
        End = TimeZoneInfo.ConvertTime(line.End, zone),
        Tier = line.Tier,
        FlatFee = line.FlatFee,
        InvoiceId = invoiceId,
    };
}
