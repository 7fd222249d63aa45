using UsageTracking.Metering;
using UsageTracking.Queue;
using UsageTracking.Quotas;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Session;

/// <summary>Whether so much more usage is within a quota.</summary>
/// <param name="IsAllowed">The answer.</param>
/// <param name="Warning">What is to be said although the answer is yes; null for nothing.</param>
/// <param name="Standing">How the quota stands, with what waits in the queue; null where there is none.</param>
public sealed record QuotaAnswer(bool IsAllowed, string? Warning, QuotaStanding? Standing);

/// <summary>
/// Answers whether usage fits before it happens. What this process added and has not stored yet counts, without waiting for it.
/// </summary>
public static class QuotaGate
{
    // A busy queue stores something in the middle of most looks at it; so often in a row it does not.
    private const int MostTries = 10;

    /// <summary>Asks the quota of a customer for a service, which must be prepared.</summary>
    /// <param name="connection">The store, and what waits for it.</param>
    /// <param name="customerId">The customer.</param>
    /// <param name="service">The service.</param>
    /// <param name="quantity">How much more usage.</param>
    /// <param name="widening">Is told what had to be counted whole.</param>
    /// <param name="cancel">Cancels the queries.</param>
    /// <exception cref="UsageException">The store cannot be asked; then there is no answer.</exception>
    public static async Task<QuotaAnswer> AskAsync(
        StoreConnection connection, string customerId, Service service, decimal quantity, Widening widening, CancellationToken cancel)
    {
        connection.Queue.AdoptOrphans();
        QuotaBook book = await QuotaBook.ReadAsync(connection.Store, [customerId], [service], cancel);
        if (book.Find(customerId, service.Name) is not { } quota || await ReadAsync(connection, book, quota, widening, cancel) is not { } standing)
            return new QuotaAnswer(true, null, null);

        QuotaRule rule = standing.Term.Rule;
        if (rule.Kind == QuotaKind.NotComparable)
            return new QuotaAnswer(true, $"The quota of {service.Name} for '{customerId}' counts {rule.Unit}, which usage in {service.Unit} cannot be held against.", standing);

        if (standing.Fits(quantity))
            return new QuotaAnswer(true, null, standing);

        string what = FormattableString.Invariant(
            $"{quantity} more {rule.Unit} of {service.Name} are beyond the quota of '{customerId}': {standing.Used.ToReported()} of {standing.Limit} are used.");
        return rule.Enforcement == QuotaEnforcement.Hard ? new QuotaAnswer(false, what, standing) : new QuotaAnswer(true, what, standing);
    }

    /// <summary>How the quota stands, with what waits: of a time at which nothing went from the queue into the store.</summary>
    private static async Task<QuotaStanding?> ReadAsync(
        StoreConnection connection, QuotaBook book, Quota quota, Widening widening, CancellationToken cancel)
    {
        for (int tries = 1; ; tries++)
        {
            IReadOnlyList<(Guid SpoolId, LogSlice Records)> pending = CopyPending(connection.Queue);
            long[] before = await PositionsAsync(connection.Store, pending, cancel);
            if (await QuotaReader.ReadAsync(connection.Store, book, [quota], DateTimeOffset.UtcNow, widening, cancel) is not [QuotaStanding standing])
                return null;

            if (pending.Count == 0)
                return standing;

            long[] after = await PositionsAsync(connection.Store, pending, cancel);
            if (before.SequenceEqual(after) || tries == MostTries)
            {
                IEnumerable<UsageRecord> waiting = pending.SelectMany((p, i) => p.Records.Records.Skip((int)Math.Max(0, before[i] - p.Records.From)));
                return standing with { Amount = waiting.Aggregate(standing.Amount, (sum, r) => sum + Counted(r, standing, connection.Catalogue!)) };
            }
        }
    }

    private static IReadOnlyList<(Guid SpoolId, LogSlice Records)> CopyPending(UsageQueue queue)
    {
        for (int tries = 1; ; tries++)
        {
            try
            {
                return queue.CopyPending();
            }
            catch (IOException) when (tries < MostTries)
            {
                // Stored meanwhile.
            }
        }
    }

    private static async Task<long[]> PositionsAsync(
        IUsageStore store, IReadOnlyList<(Guid SpoolId, LogSlice Records)> pending, CancellationToken cancel)
    {
        var positions = new List<long>(pending.Count);
        foreach ((Guid spool, _) in pending)
            positions.Add((await store.GetSpoolPositionAsync(spool, cancel)).Position);

        return [.. positions];
    }

    private static ExactDecimal Counted(UsageRecord record, QuotaStanding standing, ServiceCatalogue catalogue)
    {
        Quota quota = standing.Quota;
        QuotaTerm term = standing.Term;
        if (record.CustomerId != quota.CustomerId || !record.Service.Equals(quota.Service.Name, StringComparison.OrdinalIgnoreCase)
            || record.Timestamp < term.Start || record.Timestamp >= term.End
            || !term.Rule.CountHours.Within(new TimeRange(record.Timestamp, record.Timestamp.AddTicks(1)), term.Rule.Zone).Any())
        {
            return ExactDecimal.Zero;
        }

        try
        {
            return catalogue.Resolve(record).Quantity;
        }
        catch (UsageException)
        {
            // The drain will set it aside.
            return ExactDecimal.Zero;
        }
    }
}
