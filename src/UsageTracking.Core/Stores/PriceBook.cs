using UsageTracking.Metering;
using UsageTracking.Metering.Pricing;
using UsageTracking.Time;

namespace UsageTracking.Stores;

/// <summary>The prices of some customers, those that stand no more too, their plans, and what was invoiced.</summary>
public sealed class PriceBook
{
    private readonly ILookup<string, StoredInvoice> _invoices;

    internal PriceBook(IReadOnlyList<Price> prices, IReadOnlyDictionary<string, string> planOfCustomer, IReadOnlyList<StoredInvoice> invoices)
    {
        Prices = prices;
        PlanOfCustomer = planOfCustomer;
        List = new PriceList(prices, planOfCustomer);
        Invoices = invoices;
        _invoices = invoices.ToLookup(i => i.CustomerId);
        // Before the first of them nothing is known but what always was.
        Known = [.. prices.SelectMany(p => new[] { p.SetAt, p.RemovedAt ?? p.SetAt }).Append(Instants.Earliest).Where(t => t >= Instants.Earliest).Distinct().Order()];
    }

    /// <summary>All prices.</summary>
    public IReadOnlyList<Price> Prices { get; }

    /// <summary>The plan each customer is subscribed to.</summary>
    public IReadOnlyDictionary<string, string> PlanOfCustomer { get; }

    /// <summary>The prices, asked by customer, service and time.</summary>
    public PriceList List { get; }

    /// <summary>The invoices, oldest first.</summary>
    public IReadOnlyList<StoredInvoice> Invoices { get; }

    /// <summary>When what was known of prices changed.</summary>
    public IReadOnlyList<DateTimeOffset> Known { get; }

    /// <summary>The latest instant at which a record with <see cref="PricedUsage.Known"/> may have learned of prices.</summary>
    public DateTimeOffset KnownAt(int known) => known == 0 ? DateTimeOffset.MinValue : Known[known - 1];

    /// <summary>The first invoice of a customer whose range has an instant; null where none has.</summary>
    public StoredInvoice? Covering(string customerId, DateTimeOffset instant) =>
        _invoices[customerId].FirstOrDefault(i => i.Range.Start <= instant && instant < i.Range.End);

    /// <summary>The invoices of one customer.</summary>
    public IEnumerable<StoredInvoice> InvoicesOf(string customerId) => _invoices[customerId];

    /// <summary>
    /// Bounds between which one price is in force and one invoice, or none, has all: over a range and the ranges invoiced before.
    /// </summary>
    /// <param name="range">The range.</param>
    /// <param name="withInvoices">Whether to go back to what was invoiced.</param>
    public IReadOnlyList<DateTimeOffset> Bounds(TimeRange range, bool withInvoices)
    {
        IEnumerable<TimeRange> ranges = withInvoices ? Invoices.Select(i => i.Range).Where(r => r.Start < range.End) : [];
        SortedSet<DateTimeOffset> bounds = [range.Start, range.End, .. ranges.SelectMany(r => new[] { r.Start, r.End })];
        DateTimeOffset first = bounds.Min;
        bounds.UnionWith(Prices.Select(p => new DateTimeOffset(p.InForceFrom.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero)));
        return [.. bounds.Where(b => b >= first && b <= range.End).Select(b => b.ToUniversalTime())];
    }
}
