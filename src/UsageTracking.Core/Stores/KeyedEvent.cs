using System.Security.Cryptography;
using System.Text;
using UsageTracking.Metering;

namespace UsageTracking.Stores;

/// <summary>An event with a key of the caller's, and what is compared when the key comes again.</summary>
internal sealed class KeyedEvent(UsageRecord record, long position)
{
    public UsageRecord Record { get; } = record;

    public long Position { get; } = position;

    /// <summary>A digest of service, quantity and canonical metadata.</summary>
    public byte[] ContentHash { get; } = Digest(record);

    /// <summary>The timestamp, only where the caller gave one.</summary>
    public DateTimeOffset? GivenTimestamp => Record.HasOwnTimestamp ? Record.Timestamp : null;

    /// <summary>The unit cost, only where the caller gave one.</summary>
    public decimal? GivenUnitCost => Record.UnitCost;

    /// <summary>Timestamp and unit cost are compared only where both callers gave them.</summary>
    public bool SameAs(Stored other) =>
        ContentHash.AsSpan().SequenceEqual(other.ContentHash)
        && (GivenTimestamp is null || other.GivenTimestamp is null || GivenTimestamp == other.GivenTimestamp)
        && (GivenUnitCost is null || other.GivenUnitCost is null || GivenUnitCost == other.GivenUnitCost);

    public Stored AsStored() => new(Record.CustomerId, Record.EventKey!, ContentHash, GivenTimestamp, GivenUnitCost);

    private static byte[] Digest(UsageRecord record)
    {
        // A NUL cannot occur in any of the parts, so it separates them.
        byte[] head = Encoding.UTF8.GetBytes($"{record.Service}\0{((ExactDecimal)record.Quantity).ToString()}\0");
        return SHA256.HashData([.. head, .. record.Metadata.Utf8.Span]);
    }

    /// <summary>What a store keeps of a keyed event.</summary>
    public sealed record Stored(
        string CustomerId, string EventKey, byte[] ContentHash, DateTimeOffset? GivenTimestamp, decimal? GivenUnitCost);
}
