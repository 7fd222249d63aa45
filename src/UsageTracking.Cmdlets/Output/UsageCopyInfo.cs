using UsageTracking.Copies;
using UsageTracking.Stores;

namespace UsageTracking.Cmdlets.Output;

/// <summary>A copy of a store.</summary>
public sealed class UsageCopyInfo
{
    internal UsageCopyInfo(StoreAddress from, StoreAddress to, CopyOutcome outcome, TimeSpan duration)
    {
        From = from.Text;
        To = to.Text;
        Records = outcome.Records;
        Buckets = outcome.Buckets;
        Customers = outcome.Customers;
        Start = outcome.Start;
        End = outcome.End;
        Duration = duration;
        IsComplete = outcome.IsComplete;
    }

    /// <summary>The store that was copied.</summary>
    public string From { get; }

    /// <summary>The copy.</summary>
    public string To { get; }

    /// <summary>How many records there are.</summary>
    public long Records { get; }

    /// <summary>How many buckets, of which reports are made.</summary>
    public long Buckets { get; }

    /// <summary>How many customers.</summary>
    public long Customers { get; }

    /// <summary>The start of the first month, in UTC, that has records.</summary>
    public DateTimeOffset? Start { get; }

    /// <summary>The end of the last month that has records.</summary>
    public DateTimeOffset? End { get; }

    /// <summary>How long this run took.</summary>
    public TimeSpan Duration { get; }

    /// <summary>Whether both stores were compared and are the same; only then can the copy be used.</summary>
    public bool IsComplete { get; }
}
