using UsageTracking.Metering.Pricing;
using UsageTracking.Time;

namespace UsageTracking.Stores;

/// <summary>Says what a price that is set comes too late for.</summary>
public static class PricedBefore
{
    /// <summary>What is to be said; null where nothing is stored that the price would have been for.</summary>
    public static async Task<string?> WarnAsync(IUsageStore store, Price price, DateTimeOffset now, CancellationToken cancel)
    {
        var from = new DateTimeOffset(price.InForceFrom.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        DateTimeOffset end = Instants.NextQuarterHour(now + Instants.LargestLead);
        if (from >= end)
            return null;

        var filter = new UsageFilter(price.CustomerId is { } customer ? [customer] : null, [price.Service]);
        IReadOnlyList<PeriodFigures> stored = await store.SumBucketsAsync(filter, [from, end], FigureParts.Quantity, cancel);
        return stored.Count == 0 ? null : FormattableString.Invariant(
            $"Usage of {price.Service} since {price.InForceFrom:yyyy-MM-dd} is stored already and keeps the price it got. This one is for what is stored from now on.");
    }
}
