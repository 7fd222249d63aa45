using UsageTracking.Metering;
using UsageTracking.Quotas;
using UsageTracking.Stores;

namespace UsageTracking.Readings;

/// <summary>Measures readings of what is left against the customers' quotas.</summary>
/// <param name="store">The store that keeps them.</param>
public sealed class QuotaLimits(IUsageStore store) : IReadingLimits
{
    /// <inheritdoc/>
    /// <exception cref="UsageException"><c>InvalidQuota</c>: only some hours count, which a meter knows nothing of.</exception>
    public async Task<ReadingPeriod?> FindAsync(string customerId, Service service, DateTimeOffset instant, CancellationToken cancel)
    {
        QuotaBook book = await QuotaBook.ReadAsync(store, [customerId], [service], cancel);
        if (book.Find(customerId, service.Name) is not { } quota || quota.TermAt(instant) is not { Rule: { IsUnlimited: false, Kind: QuotaKind.Sum } } term)
            return null;

        if (!term.Rule.CountHours.IsAlways)
        {
            throw UsageException.Invalid("InvalidQuota",
                $"The quota of {service.Name} for '{customerId}' counts only some hours, but usage is known from one reading to the next. What is left leaves other hours out already: set the quota with -CountHours '' -CountDays ''.", service.Name);
        }

        // What a reading says is recorded, however exactly what was carried over is known: nobody is to be warned.
        QuotaStanding standing = (await QuotaReader.ReadAsync(store, book, [quota], term.Start, new Widening(), cancel))[0];
        IReadOnlyList<Allowance> given = await store.GetAllowancesAsync(new UsageFilter([customerId], [service.Name]), cancel);
        return new ReadingPeriod(term.Start, term.End, term.Rule.Limit + standing.CarriedOver)
        {
            Allowances = [.. given.Where(a => a.At >= term.Start && a.At < term.End).Select(a => new ManualAllowance(a.At, a.Amount))],
        };
    }
}
