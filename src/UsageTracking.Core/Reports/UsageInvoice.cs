using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Reports;

/// <summary>A saved invoice.</summary>
public sealed record UsageInvoice
{
    internal UsageInvoice(StoredInvoice invoice)
    {
        TimeZoneInfo zone = Zones.Find(invoice.TimeZone);
        InvoiceId = invoice.Id;
        CustomerId = invoice.CustomerId;
        Start = TimeZoneInfo.ConvertTime(invoice.Range.Start, zone);
        End = TimeZoneInfo.ConvertTime(invoice.Range.End, zone);
        Total = invoice.Total.ToReported();
        SavedAt = invoice.SavedAt.ToUniversalTime();
        Lines = [.. invoice.Lines.Select(l => UsageCost.Of(l, invoice.Id, zone))];
    }

    /// <summary>What its records carry as invoice_id.</summary>
    public string InvoiceId { get; }

    /// <summary>The customer.</summary>
    public string CustomerId { get; }

    /// <summary>The start of its range, by the clocks it was saved with.</summary>
    public DateTimeOffset Start { get; }

    /// <summary>The exclusive end of its range.</summary>
    public DateTimeOffset End { get; }

    /// <summary>The sum of its lines.</summary>
    public decimal Total { get; }

    /// <summary>When it was saved.</summary>
    public DateTimeOffset SavedAt { get; }

    /// <summary>Its lines.</summary>
    public UsageCost[] Lines { get; }

    /// <summary>The invoices of some customers (all where null), oldest first.</summary>
    public static async Task<IReadOnlyList<UsageInvoice>> ReadAsync(IUsageStore store, IReadOnlyList<string>? customers, CancellationToken cancel) =>
        [.. (await store.GetInvoicesAsync(customers, cancel)).Select(i => new UsageInvoice(i))];
}
