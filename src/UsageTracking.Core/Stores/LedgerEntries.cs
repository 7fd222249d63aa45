namespace UsageTracking.Stores;

/// <summary>The entries of usage_ledger: how many records came or went otherwise than through a queue.</summary>
internal static class LedgerEntries
{
    /// <summary>Written by other programs and folded into the buckets.</summary>
    public const string Folded = "folded";

    /// <summary>Deleted with their customer; a negative number.</summary>
    public const string Removed = "removed";

    /// <summary>Written because of readings of meters, corrections included.</summary>
    public const string Readings = "readings";

    /// <summary>Written to take other records back, and in their place.</summary>
    public const string Corrections = "corrections";

    /// <summary>Gone to archives, a negative number, less those that came back.</summary>
    public const string Archived = "archived";

    /// <summary>Stored by the queues of the store that this one is a copy of.</summary>
    public const string Copied = "copied";
}
