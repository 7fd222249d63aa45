using UsageTracking.Time;

namespace UsageTracking.Stores;

/// <summary>An invoice to be saved.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Services">The services, all there are.</param>
/// <param name="Range">The time it is about.</param>
/// <param name="TimeZone">The id of the zone that its times are shown in.</param>
/// <param name="Price">Makes its lines of the book, the bounds of periods and the usage that is now on it.</param>
public sealed record InvoiceDraft(
    string CustomerId, IReadOnlyList<string> Services, TimeRange Range, string TimeZone,
    Func<PriceBook, IReadOnlyList<DateTimeOffset>, IReadOnlyList<PricedUsage>, IReadOnlyList<InvoiceLine>> Price)
{
    /// <summary>Where what it takes lies: its range, and those invoiced before, up to its end.</summary>
    internal IReadOnlyList<TimeRange> Ranges(PriceBook book) =>
    [
        Range,
        .. book.InvoicesOf(CustomerId).Select(i => i.Range).Where(r => r.Start < Range.End)
            .Select(r => new TimeRange(r.Start, r.End < Range.End ? r.End : Range.End)).Distinct(),
    ];

    /// <summary>Whether an invoice has its range already, so that an empty one would say nothing new.</summary>
    internal bool IsCovered(PriceBook book) => book.InvoicesOf(CustomerId).Any(i => i.Range.Start <= Range.Start && i.Range.End >= Range.End);
}
