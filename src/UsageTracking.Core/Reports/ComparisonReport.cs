using System.Globalization;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Reports;

/// <summary>Holds the three accounts of usage against each other: buckets, records, and the positions of the queues.</summary>
public static class ComparisonReport
{
    /// <summary>The ranges that differ, by customer, service and time; none where all agrees.</summary>
    /// <param name="store">The store.</param>
    /// <param name="filter">Which customers and services.</param>
    /// <param name="scope">The time and zone.</param>
    /// <param name="withQueues">Whether to count the whole table against the queues too, which know no customers, services or times.</param>
    /// <param name="cancel">Cancels the queries.</param>
    public static async Task<IReadOnlyList<UsageDifference>> ReadAsync(
        IUsageStore store, UsageFilter filter, ReportScope scope, bool withQueues, CancellationToken cancel)
    {
        var differences = new List<UsageDifference>();
        foreach (BucketDifference difference in await store.CompareBucketsAsync(filter, scope.Range, cancel))
            differences.Add(Describe(difference, scope));

        if (withQueues && await store.CompareQueuesAsync(cancel) is var balance && balance.Records != balance.Expected)
            differences.Add(Describe(balance));

        return differences;
    }

    private static UsageDifference Describe(BucketDifference difference, ReportScope scope) => new()
    {
        Kind = DifferenceKind.Buckets,
        CustomerId = difference.CustomerId,
        Service = difference.Service,
        Start = scope.Local(difference.Range.Start),
        End = scope.Local(difference.Range.End),
        BucketEvents = difference.InBuckets.Events,
        RecordEvents = difference.InRecords.Events,
        QueueRecords = null,
        BucketQuantity = difference.InBuckets.Quantity.ToReported(),
        RecordQuantity = difference.InRecords.Quantity.ToReported(),
        BucketCost = difference.InBuckets.Cost.ToReported(),
        RecordCost = difference.InRecords.Cost.ToReported(),
        Message = ExplainAndMend(difference),
    };

    private static string ExplainAndMend(BucketDifference difference) => IsUnfolded(difference)
        ? $"{Explain(difference)} Update-UsageSummary adds them."
        : $"{Explain(difference)} {Repair(difference.Range)} rebuilds the summary from the records.";

    /// <summary>Whether nothing differs but that records of other programs were not folded in yet.</summary>
    internal static bool IsUnfolded(BucketDifference difference) =>
        difference.Unfolded > 0 && difference.InBuckets.Events + difference.Unfolded == difference.InRecords.Events;

    /// <summary>The command that rebuilds a range.</summary>
    internal static string Repair(TimeRange range) => string.Create(
        CultureInfo.InvariantCulture, $"Update-UsageSummary -Start '{range.Start:yyyy-MM-ddTHH:mmZ}' -End '{range.End:yyyy-MM-ddTHH:mmZ}'");

    /// <summary>What differs.</summary>
    internal static string Explain(BucketDifference difference)
    {
        if (IsUnfolded(difference))
            return $"{Wording.Count(difference.Unfolded, "record")} of other programs not in the reports yet.";

        (Figures summary, Figures records) = (difference.InBuckets, difference.InRecords);
        return summary.Events != records.Events ? $"The summary says {Wording.Count(summary.Events, "event")}, the records {Wording.Count(records.Events, "event")}."
            : summary.Quantity != records.Quantity ? $"The summary says a quantity of {summary.Quantity}, the records {records.Quantity}."
            : summary.Cost != records.Cost ? $"The summary says a cost of {summary.Cost}, the records {records.Cost}."
            : "The sums agree, the smallest, largest, first or last events do not.";
    }

    /// <summary>What the queues' positions and the table do not agree on.</summary>
    internal static string Explain(QueueBalance balance) => balance.Records < balance.Expected
        ? $"Missing: {Wording.Count(balance.Expected - balance.Records, "record")} once stored. Deleted by another program, or lost."
        : $"Unaccounted for: {Wording.Count(balance.Records - balance.Expected, "record")} marked as counted that came through no queue. Written by another program with aggregated set.";

    private static UsageDifference Describe(QueueBalance balance) => new()
    {
        Kind = DifferenceKind.Queues,
        CustomerId = null,
        Service = null,
        Start = null,
        End = null,
        BucketEvents = null,
        RecordEvents = balance.Records,
        QueueRecords = balance.Expected,
        BucketQuantity = null,
        RecordQuantity = null,
        BucketCost = null,
        RecordCost = null,
        Message = Explain(balance),
    };
}
