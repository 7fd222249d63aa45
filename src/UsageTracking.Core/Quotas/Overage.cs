using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Quotas;

/// <summary>What was used of a plan's quota above its limit in one of its periods, where that has a price.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Service">The service.</param>
/// <param name="Term">The period, and what was in force in it.</param>
/// <param name="Limit">The limit, top-ups included.</param>
/// <param name="Quantity">How much was above it, in the limit's unit; zero where nothing.</param>
public sealed record Overage(string CustomerId, Service Service, QuotaTerm Term, decimal Limit, ExactDecimal Quantity)
{
    /// <summary>
    /// The overages of the periods that end in some ranges of each customer; and of those that go on, where a range reaches to
    /// the present.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="customers">The customers; null for all.</param>
    /// <param name="services">The services.</param>
    /// <param name="ranges">The ranges of a customer.</param>
    /// <param name="now">The present.</param>
    /// <param name="widening">Is told what had to be counted whole.</param>
    /// <param name="cancel">Cancels the queries.</param>
    public static async Task<IReadOnlyList<Overage>> ReadAsync(
        IUsageStore store, IReadOnlyList<string>? customers, IReadOnlyList<Service> services, Func<string, IEnumerable<TimeRange>> ranges,
        DateTimeOffset now, Widening widening, CancellationToken cancel)
    {
        QuotaBook book = await QuotaBook.ReadAsync(store, customers, services, cancel);
        // Asked together: most customers' periods end alike.
        ILookup<DateTimeOffset, Quota> asked = book.Quotas
            .SelectMany(q => ranges(q.CustomerId).SelectMany(r => TermsOf(q, r, now)).Select(t => (At: t.End <= now ? t.End.AddTicks(-1) : now, Quota: q)).Distinct())
            .ToLookup(a => a.At, a => a.Quota);
        var overages = new List<Overage>();
        foreach (IGrouping<DateTimeOffset, Quota> quotas in asked)
        {
            foreach (QuotaStanding standing in await QuotaReader.ReadAsync(store, book, quotas, quotas.Key, widening, cancel))
            {
                ExactDecimal above = standing.Used - standing.Limit;
                overages.Add(new Overage(
                    standing.Quota.CustomerId, standing.Quota.Service, standing.Term, standing.Limit, above.Sign > 0 ? above : ExactDecimal.Zero));
            }
        }

        return overages;
    }

    private static IEnumerable<QuotaTerm> TermsOf(Quota quota, TimeRange range, DateTimeOffset now)
    {
        if (range.IsEmpty || !quota.HasLimit)
            yield break;

        for (QuotaTerm? term = quota.TermAt(range.Start); term is not null && term.Start < range.End && term.Start <= now; term = quota.TermAt(term.End))
        {
            bool goesOn = term.End > range.End && range.End >= now;
            if (term.Rule is { OveragePrice: > 0, IsUnlimited: false, Kind: not QuotaKind.NotComparable } && (term.End <= range.End || goesOn))
                yield return term;
        }
    }
}
