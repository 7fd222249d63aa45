using UsageTracking.Time;

namespace UsageTracking.Stores;

/// <summary>Consecutive buckets of one customer and service that do not say what the records say.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Service">The service.</param>
/// <param name="Range">From the first bucket's start to the last one's end.</param>
/// <param name="InBuckets">The figures of the buckets.</param>
/// <param name="InRecords">The figures of the records, whether or not they were folded in.</param>
/// <param name="Unfolded">Records of other programs among them that were not folded in yet.</param>
public sealed record BucketDifference(
    string CustomerId, string Service, TimeRange Range, Figures InBuckets, Figures InRecords, long Unfolded);

/// <summary>How many records went through the queues into the store, and how many are in its table.</summary>
/// <param name="Settled">How many records the positions of all queues have passed.</param>
/// <param name="Duplicates">Of those, already stored under the same event key.</param>
/// <param name="Rejected">Of those, set aside.</param>
/// <param name="Skipped">Of those, lost or thrown away before they came.</param>
/// <param name="Otherwise">Records that came (or went: negative) otherwise than through a queue.</param>
/// <param name="Records">Records in the table that are in the buckets too.</param>
public sealed record QueueBalance(long Settled, long Duplicates, long Rejected, long Skipped, long Otherwise, long Records)
{
    /// <summary>How many records the table is to have.</summary>
    public long Expected => Settled - Duplicates - Rejected - Skipped + Otherwise;
}
