using UsageTracking.Metering;

namespace UsageTracking.Stores;

/// <summary>Some of the records that were asked for, in their order.</summary>
/// <param name="Total">How many there are in all pages together.</param>
/// <param name="Records">The records of this page.</param>
public sealed record RecordPage(long Total, IReadOnlyList<StoredRecord> Records)
{
    // Whichever is reached first: metadata may take 64 KiB a record.
    private const int LargestCount = 500;
    private const int LargestMetadata = 512 * 1024;

    /// <summary>Whether a page with so many records, and bytes of metadata, takes no more.</summary>
    internal static bool IsFull(int count, long metadata) => count >= LargestCount || metadata >= LargestMetadata;
}
